// `npm run check`: everything that can be said about the tree without running it.
import { endTogether } from './run.mjs'
import { setUp } from './setup.mjs'
import { runChecks } from './steps.mjs'

endTogether({ asked: 1_000, orphaned: 500 })
await setUp()
const { passed, failed } = await runChecks((line) => console.log(line))
if (failed.length > 0) console.log(`\nTo do: ${failed.join(', ')}. Most of style mends itself: npx biome check --write`)
console.log(`${passed} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0
