/** The built-in world, checked once when it is loaded. */
import * as v from 'valibot'
import { joinWorld, World, type WorldPart } from './engine/world.ts'
import raw from './world.json' with { type: 'json' }

/** The world with what scenarios add to it. Throws `RangeError` when the two do not fit together. */
export function builtInWorld(parts: readonly WorldPart[]): World {
  return joinWorld(v.parse(World, raw), parts)
}
