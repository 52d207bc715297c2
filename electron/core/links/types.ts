/** What following a link needs to know about the network's name lookup, without knowing how it is found out. */

/**
 * Asks this network's lookup for one of the service's hosts. `true`: it leads to the site. `false-address`: what stands
 * there cannot prove to be the site. Nothing is loaded from it. Never rejects.
 */
export type LinkChecker = (host: string) => Promise<'true' | 'false-address' | 'no-address' | 'silent' | 'unknown-host'>
