// `npm run --silent cli -- <command>`: sets up, builds, then runs the command line in this very process, so that exit code,
// signals and standard streams are its own. Set-up and build speak on standard error only.

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildOrStop, headless } from './build.mjs'
import { leash } from './leash.mjs'
import { dist } from './paths.mjs'
import { setUp } from './setup.mjs'

const say = (line) => process.stderr.write(`${line}\n`)

await setUp(say)
await buildOrStop({ say, targets: headless })
// Without npm in between, whoever starts us decides how long we live (nohup, a service manager).
if (process.env.npm_lifecycle_event) {
  leash(() => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.exit(1), 1_000).unref()
  })
}
process.setSourceMapsEnabled(true)
await import(pathToFileURL(join(dist, 'cli.js')).href)
