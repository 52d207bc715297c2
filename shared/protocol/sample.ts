/** The sample that the media plane serves to whoever asks: bytes to measure a way with, the same for everybody, about nobody. */
export const SAMPLE_PATH = '/m/sample'
/** Spends a policer's burst several times over, and is still one photo. */
export const SAMPLE_BYTES = 64 * 1024
