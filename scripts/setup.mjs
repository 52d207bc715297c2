// Installs the packages once per lock file. Runs before node_modules exists: Node built-ins only.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withLock } from './lock.mjs'
import { root } from './paths.mjs'
import { run } from './run.mjs'

const oldestNode = [20, 19]

/** Ends the process with one sentence if this Node is too old to run Throughline. */
function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return
  stop(`Throughline needs Node ${oldestNode.join('.')} or newer, and this is ${process.versions.node}: get one from https://nodejs.org.`)
}

/**
 * Makes node_modules agree with package-lock.json; returns at once when it does. Progress goes to standard error, so that
 * standard output stays the command's own. Ends the process when npm fails.
 * @param {(line: string) => void} say
 */
export async function setUp(say = (line) => process.stderr.write(`${line}\n`)) {
  requireNode()
  if (isInstalled()) return
  await withLock('set-up', async () => {
    if (isInstalled()) return
    say('Installing packages: once, about half a minute.')
    const npm = npmScript()
    if (!npm) stop('The packages are not installed yet, and npm was not found beside Node: run `npm ci` once.')
    const args = [npm, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
    const code = await run([process.execPath, ...args], { output: 'stderr' })
    if (code !== 0) stop('npm could not install the packages (its own words are above).', code)
  })
}

/** npm keeps a record of what it installed; an install is needed when that record and the lock file differ. */
function isInstalled() {
  const recordFile = join(root, 'node_modules/.package-lock.json')
  if (!existsSync(recordFile)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(recordFile, 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true
    return installed[path] ? installed[path].version === version : optional === true
  })
}

/** npm's own script: a bare `npm` is a .cmd file on Windows, which cannot be spawned without a shell. */
function npmScript() {
  const besideNode = dirname(process.execPath)
  const candidates = [
    process.env.npm_execpath,
    join(besideNode, 'node_modules/npm/bin/npm-cli.js'),
    join(besideNode, '../lib/node_modules/npm/bin/npm-cli.js'),
  ]
  return candidates.find((path) => path?.endsWith('npm-cli.js') && existsSync(path))
}

function stop(sentence, status = 1) {
  process.stderr.write(`${sentence}\n`)
  process.exit(status)
}
