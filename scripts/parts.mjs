// Runs the programs of a folder under test/ by name: benchmarks and long tests. Each is a TypeScript file that tsx runs.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildOrStop, headless } from './build.mjs'
import { root } from './paths.mjs'
import { endTogether, run } from './run.mjs'
import { setUp } from './setup.mjs'

/** Files that hold what the others share. */
const shared = ['table.ts']

/**
 * `node scripts/bench.mjs [PART [flags]]`: without a name every part, one after another; with an unknown one the list.
 * @param {string} folder below test/
 */
export async function runParts(folder) {
  endTogether({ asked: 2_000, orphaned: 1_000 })
  await setUp()
  const [wanted, ...flags] = process.argv.slice(2)
  const names = listParts(folder)
  if (wanted !== undefined && !names.includes(wanted)) {
    console.error(`There is no part "${wanted}". ${names.length > 0 ? `Parts: ${names.join(', ')}.` : `test/${folder} has none yet.`}`)
    process.exitCode = 2
    return
  }
  if (names.length === 0) {
    console.log(`test/${folder} has no parts yet.`)
    return
  }
  await buildOrStop({ say: (line) => console.error(line), targets: headless })
  for (const name of wanted ? [wanted] : names) {
    console.log(`\n${name}`)
    const code = await run([process.execPath, '--import', 'tsx', join(root, 'test', folder, `${name}.ts`), ...flags])
    if (code !== 0) process.exitCode = code
  }
}

function listParts(folder) {
  const path = join(root, 'test', folder)
  if (!existsSync(path)) return []
  const files = readdirSync(path).filter((file) => file.endsWith('.ts') && !shared.includes(file))
  return files.map((file) => file.slice(0, -'.ts'.length)).sort()
}
