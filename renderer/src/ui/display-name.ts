/** A handle as a person's name: handles are lower case; on screen a name begins with a capital. */
export const displayName = (handle: string) => handle.charAt(0).toUpperCase() + handle.slice(1)
