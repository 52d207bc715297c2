/** The built-in world, checked once when it is loaded. */
import * as v from 'valibot'
import { joinWorld, World } from './engine/world.ts'
import raw from './world.json' with { type: 'json' }

export function builtInWorld(): World {
  return joinWorld(v.parse(World, raw), [])
}
