/**
 * What the user decided about ways: one to be tried before all others, some never to be used. Kept in the encrypted store until
 * taken back. A way through somebody's computer stands for that computer: banned, it is used for nothing; any other way is banned
 * as its one text says, and so for messages alone.
 */
import * as v from 'valibot'
import { BackendError } from '../../../shared/contract/errors.ts'
import type { KnownRoute } from '../../../shared/contract/path.ts'
import type { ValueStore } from '../store/values.ts'
import type { Candidate } from './candidates.ts'
import { parseRecipe, printRecipe, type Recipe } from './recipe.ts'

const KEY = 'reach.preferences.v1'
const MAX_BANS = 64
const Kept = v.strictObject({ pinned: v.nullable(v.string()), banned: v.array(v.string()) })
type Kept = v.InferOutput<typeof Kept>

export interface Preferences {
  /** The text of the way that is tried first. */
  readonly pinned: string | null
  readonly banned: readonly string[]
  choiceOf(recipe: Recipe): NonNullable<KnownRoute['choice']> | null
  /** The way to come back to whenever it carries: the pinned one if it is among these and not banned, else the plain one. */
  isHome(candidate: Candidate, among: readonly Candidate[]): boolean
  /** Both throw `no-such-route` for a text that is no recipe. A pin lifts a ban, and the other way round. */
  pin(text: string): void
  ban(text: string): void
  /** Takes back what was decided about this way, and about the computer that it leads through. */
  clear(text: string): void
}

export function createPreferences(values: ValueStore): Preferences {
  let kept = load(values)
  const keep = (next: Kept) => {
    values.set(KEY, JSON.stringify(next))
    kept = next
  }
  const isBanned = (recipe: Recipe) => kept.banned.some((text) => covers(parseRecipe(text), recipe))
  const without = (recipe: Recipe): Kept => ({
    pinned: kept.pinned !== null && covers(parseRecipe(kept.pinned), recipe) ? null : kept.pinned,
    banned: kept.banned.filter((text) => !covers(parseRecipe(text), recipe)),
  })
  return {
    get pinned() {
      return kept.pinned
    },
    get banned() {
      return kept.banned
    },
    choiceOf(recipe) {
      if (isBanned(recipe)) return 'banned'
      return kept.pinned === printRecipe(recipe) ? 'pinned' : null
    },
    isHome(candidate, among) {
      const { pinned } = kept
      return among.some(({ text }) => text === pinned) ? candidate.text === pinned : candidate.kind === 'plain'
    },
    pin: (text) => keep({ ...without(known(text)), pinned: text }),
    ban(text) {
      const { pinned, banned } = without(known(text))
      keep({ pinned, banned: [text, ...banned].slice(0, MAX_BANS) })
    },
    clear: (text) => keep(without(known(text))),
  }
}

function known(text: string): Recipe {
  const recipe = parseRecipe(text)
  if (!recipe) throw new BackendError('no-such-route')
  return recipe
}

/** Many short connections to the relay itself lead through nobody. */
const helperOf = ({ proxy }: Recipe) => (proxy === null || proxy.kind === 'slices' ? null : proxy)

function covers(decided: Recipe | null, recipe: Recipe): boolean {
  if (!decided) return false
  const [of, helper] = [helperOf(decided), helperOf(recipe)]
  if (of && helper) return of.kind === helper.kind && of.address === helper.address && of.port === helper.port
  return printRecipe(decided) === printRecipe(recipe)
}

/** A store that cannot be read as this holds no decision. */
function load(values: ValueStore): Kept {
  try {
    const parsed = v.safeParse(Kept, JSON.parse(values.get(KEY) ?? 'null'))
    return parsed.success ? parsed.output : { pinned: null, banned: [] }
  } catch {
    return { pinned: null, banned: [] }
  }
}
