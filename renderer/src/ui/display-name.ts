/** A handle as a person's name in a sentence. */
export const displayName = (handle: string) => handle.charAt(0).toUpperCase() + handle.slice(1)
