/** For a name of another writing direction inside a sentence: it keeps the marks around it in their place (Unicode FSI and PDI). */
export const isolated = (name: string) => `\u2068${name}\u2069`
