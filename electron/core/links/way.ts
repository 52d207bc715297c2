/** By which kind of way a page came, read from the recipe that reach names in its answer. */
import type { LinkOutcome } from '../../../shared/contract/chat.ts'
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import { parseRecipe } from '../reach/recipe.ts'

type Way = Extract<LinkOutcome, { outcome: 'reader' }>['by']

/** `detour`: this network's own lookup had not led to the site, so that the address came from elsewhere. */
export function wayOf(recipeText: string, bundle: Bundle, detour: boolean): Way {
  const recipe = parseRecipe(recipeText)
  if (recipe?.proxy) return 'proxy'
  if (!detour || !recipe) return 'plain'
  const known = bundle.endpoints.some(({ plane, addresses }) => plane === 'links' && addresses.includes(recipe.address))
  return known ? 'bundled-address' : 'other-lookup'
}
