/** A made-up language, 40 % longer and accented, that shows texts nobody made translatable and boxes that cannot grow. */

const accents: Readonly<Record<string, string>> = {
  a: 'á',
  b: 'ƀ',
  c: 'ç',
  d: 'ð',
  e: 'é',
  g: 'ğ',
  h: 'ĥ',
  i: 'í',
  k: 'ķ',
  l: 'ļ',
  m: 'ɱ',
  n: 'ñ',
  o: 'ö',
  r: 'ř',
  s: 'š',
  t: 'ţ',
  u: 'ü',
  w: 'ŵ',
  y: 'ý',
  z: 'ž',
  A: 'Å',
  B: 'Ɓ',
  C: 'Ç',
  D: 'Ð',
  E: 'É',
  I: 'Î',
  L: 'Ļ',
  N: 'Ñ',
  O: 'Ö',
  P: 'Þ',
  R: 'Ŕ',
  S: 'Š',
  T: 'Ţ',
  U: 'Û',
  W: 'Ŵ',
  Y: 'Ý',
  Z: 'Ž',
}

/** Placeholders (`{{name}}`) and tags (`<bdi>`) stay as they are. */
export function pseudo(text: string): string {
  const accented = text
    .split(/(\{\{.*?\}\}|<[^>]*>)/)
    .map((part, index) => (index % 2 === 1 ? part : [...part].map((character) => accents[character] ?? character).join('')))
    .join('')
  return `[${accented}${'~'.repeat(Math.ceil(text.length * 0.4))}]`
}

/** The same for a whole catalogue. */
export function pseudoCatalogue<T extends Readonly<Record<string, string>>>(catalogue: T): Record<string, string> {
  return Object.fromEntries(Object.entries(catalogue).map(([key, text]) => [key, pseudo(text)]))
}
