/**
 * What an endpoint's own address may be met with instead of its name in clear. Each costs a box something else to see through:
 * it must put records and segments together, know one more name, or cut whoever names nobody.
 */
import type { Endpoint } from '../../../shared/protocol/bundle.ts'
import type { Recipe } from './recipe.ts'

/** The least visible first. A server in hosting that sorts by name answers none of them: the endpoint then says so. */
export function disguises({ host, disguise = {} }: Endpoint): Pick<Recipe, 'sni' | 'split'>[] {
  const { names = [], nameless = true, split = true } = disguise
  return [
    ...(split ? [{ sni: host, split: 'both' as const }] : []),
    ...names.map((sni) => ({ sni, split: null })),
    ...(nameless ? [{ sni: null, split: null }] : []),
  ]
}
