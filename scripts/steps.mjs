// The checks that read the tree without running it. `npm run check` and `npm test` both use this list.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'
import { capture } from './run.mjs'

const tool = (path, ...args) => ({ command: [process.execPath, join(root, 'node_modules', path), ...args] })
const rooms = ['electron', 'renderer', 'shared', 'relay', 'lab', 'rehearsal', 'test', 'scripts']
const warnLines = 300
const failLines = 500

/** Two at a time: the long ones first. */
const steps = [
  { name: 'types', ...tool('typescript/bin/tsc', '-b', '--pretty', 'false') },
  { name: 'style and lint', ...tool('@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '--colors=off', '.') },
  { name: 'unused files, exports and packages', ...tool('knip/bin/knip.js', '--no-progress') },
  { name: 'directions of imports', ...tool('dependency-cruiser/bin/dependency-cruise.mjs', '--output-type', 'err-long', ...rooms) },
  { name: 'size of files', run: checkSizes },
]

/**
 * Runs all checks and prints one line for each, with what the tool said where it failed.
 * @param {(line: string) => void} say
 * @returns {Promise<{ passed: number, failed: readonly string[] }>}
 */
export async function runChecks(say) {
  const waiting = [...steps]
  const failed = []
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const started = performance.now()
      const { ok, output } = step.run ? step.run() : await runTool(step.command)
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      if (!ok) failed.push(step.name)
      say(`${ok ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)${output && (!ok || step.run) ? `\n${output}` : ''}`)
    }
  }
  await Promise.all([worker(), worker()])
  return { passed: steps.length - failed.length, failed }
}

async function runTool(command) {
  const { code, output } = await capture(command)
  return { ok: code === 0, output }
}

/** Long files are where a reader gets lost: 300 lines are remarked, more than 500 fail. Tests and data are free. */
function checkSizes() {
  const long = rooms
    .filter((room) => room !== 'test' && existsSync(join(root, room)))
    .flatMap((room) => readdirSync(join(root, room), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: path.slice(root.length + 1), lines: readFileSync(path, 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > warnLines)
    .sort((a, b) => b.lines - a.lines)
  const output = long.map(({ path, lines }) => `  ${path}: ${lines} lines${lines > failLines ? ', split it' : ''}`).join('\n')
  return { ok: long.every(({ lines }) => lines <= failLines), output }
}
