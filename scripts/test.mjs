// `npm test`: sets up what tests need, builds, and runs checks, tests and journeys. The last line is the sum of all.
// `npm test -- WORD` runs only the test files whose path holds the word.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { findElectron } from './electron.mjs'
import { cache, root } from './paths.mjs'
import { endTogether, run } from './run.mjs'
import { setUp } from './setup.mjs'
import { runChecks } from './steps.mjs'
import { findBrowser, installDebianPackages, isDebianRoot } from './system.mjs'

/** What tests use of the system: in CI on Debian as root it is installed, and a skip for want of it is a failure. */
const systemNeeds = [
  { package: 'chromium', why: 'for the journeys in a real browser', isThere: () => findBrowser() !== undefined },
  {
    package: 'iproute2',
    why: 'for the journey on a network without a way out',
    isThere: () => isProgramOnLinux('ip'),
  },
  ...[
    ['nft', 'nftables'],
    ['iptables', 'iptables'],
    ['dnsmasq', 'dnsmasq-base'],
    ['microsocks', 'microsocks'],
    ['tinyproxy', 'tinyproxy-bin'],
  ].map(([program, name]) => ({
    package: name,
    why: 'for holding the lab against the kernel',
    isThere: () => isProgramOnLinux(program),
  })),
  ...[
    ['obfs4proxy', 'obfs4proxy'],
    ['ss-server', 'shadowsocks-libev'],
    ['danted', 'dante-server'],
  ].map(([program, name]) => ({
    package: name,
    why: 'for going through bridges that others made',
    isThere: () => isProgramOnLinux(program),
  })),
  { package: 'curl', why: 'for somebody else’s client in the lab', isThere: () => isProgramOnLinux('curl') },
  { package: 'tshark', why: 'for reading what the lab saved with the world’s own program', isThere: () => isProgramOnLinux('tshark') },
  { package: 'strace', why: 'for watching what the lab’s process asks of the kernel', isThere: () => isProgramOnLinux('strace') },
  { package: 'bind9-dnsutils', why: 'for somebody else’s look-ups in the lab', isThere: () => isProgramOnLinux('dig') },
]

const say = (line) => console.log(line)
const filters = process.argv.slice(2)
const skipsFile = join(cache, 'skips.jsonl')
const sum = { passed: 0, failed: 0, skipped: 0 }
const complaints = []

endTogether({ asked: 3_000, orphaned: 500 })
await setUp(say)
installSystemNeeds()
const browser = await chooseBrowser()
mkdirSync(cache, { recursive: true })
rmSync(skipsFile, { force: true })
const env = {
  THROUGHLINE_BROWSER: browser,
  THROUGHLINE_ELECTRON: findElectron(),
  THROUGHLINE_SKIPS: skipsFile,
  ...(process.env.CI && isDebianRoot() ? { THROUGHLINE_NO_SKIPS: '1' } : {}),
}

title('Build')
const isBuilt = await tryBuild()
title(filters.length === 0 ? 'Checks and tests' : 'Tests')
await Promise.all([filters.length === 0 && check(), runTests('units', 'rooms'), isBuilt && runTests('waiting')])
if (isBuilt) {
  title('Journeys')
  await runTests('journeys')
}
summarize()

function installSystemNeeds() {
  if (!isDebianRoot()) return
  const wanted = systemNeeds.filter((need) => !need.isThere())
  for (const why of new Set(wanted.map((need) => need.why))) {
    const packages = wanted.filter((need) => need.why === why).map((need) => need.package)
    installDebianPackages(packages, why, say)
  }
}

function isProgramOnLinux(program) {
  return process.platform !== 'linux' || spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
}

/** An installed browser, else the headless Chromium that comes as a package of npm (Linux on x64 only). */
async function chooseBrowser() {
  const installed = findBrowser()
  if (installed) return installed
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  say('No browser is installed: journeys use the headless Chromium from npm.')
  const { default: chromium } = await import('@sparticuz/chromium')
  const path = await chromium.executablePath()
  if (spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0) return path
  say('It does not start here (it needs the libraries nss and nspr): the journeys are skipped.')
  return undefined
}

async function tryBuild() {
  const started = performance.now()
  try {
    const built = await build()
    say(`ok     ${built.join(', ') || 'nothing has changed'} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
    sum.passed += 1
    return true
  } catch (error) {
    say(error.message)
    complain('build')
    return false
  }
}

/** The longest is the compiler, which keeps one core only: tests have the other. */
async function check() {
  const { passed, failed } = await runChecks(say)
  sum.passed += passed
  for (const name of failed) complain(`check: ${name}`)
}

async function runTests(...projects) {
  const name = projects.join('-and-')
  const report = join(cache, `${name}.json`)
  rmSync(report, { force: true })
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const chosen = projects.flatMap((project) => ['--project', project])
  const code = await run([process.execPath, vitest, 'run', ...chosen, '--passWithNoTests', ...reporters, ...filters], { env })
  const failedBefore = sum.failed
  if (existsSync(report)) count(JSON.parse(readFileSync(report, 'utf8')))
  // A test file that cannot be read or an error outside any test has no test to blame.
  if (code !== 0 && sum.failed === failedBefore) complain(`${name}: vitest ended with code ${code}`)
}

function count({ testResults }) {
  const reasons = skipReasons()
  for (const file of testResults) {
    const path = file.name.slice(root.length + 1)
    if (file.status === 'failed' && file.assertionResults.length === 0) complain(`${path}: could not be read`)
    for (const { fullName, title: name, status } of file.assertionResults) {
      if (status === 'passed') sum.passed += 1
      else if (status === 'failed') complain(`${path}: ${fullName}`)
      else if (reasons.has(`${file.name}: ${name}`)) {
        sum.skipped += 1
        say(`skipped: ${fullName}: ${reasons.get(`${file.name}: ${name}`)}`)
      } else complain(`${path}: ${fullName}: skipped without a reason (test/support/skip.ts takes one)`)
    }
  }
}

function skipReasons() {
  if (!existsSync(skipsFile)) return new Map()
  const lines = readFileSync(skipsFile, 'utf8').split('\n').filter(Boolean)
  return new Map(lines.map((line) => JSON.parse(line)).map(({ file, test, reason }) => [`${file}: ${test}`, reason]))
}

function complain(what) {
  sum.failed += 1
  complaints.push(what)
}

function title(text) {
  say(`\n${text}`)
}

function summarize() {
  if (complaints.length > 0) say(`\nFailed:\n${complaints.map((line) => `  ${line}`).join('\n')}`)
  say(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
  process.exitCode = sum.failed > 0 ? 1 : 0
}
