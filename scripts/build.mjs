// Builds the Node side with esbuild and the pages with Vite into dist/. What has not changed since is not built again, and
// what has no source yet is left out. Two builds at once are safe: each writes beside the target and renames.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { dist, root } from './paths.mjs'
import { setUp } from './setup.mjs'

/** Each becomes one file in dist/ that a shell starts or a person runs. */
const entries = {
  'relay.js': 'relay/process.ts',
  'lab.js': 'lab/process.ts',
  'core.js': 'electron/core/process.ts',
  'rehearsal.js': 'rehearsal/process.ts',
  'bridge.js': 'electron/host/bridge/process.ts',
  'web.js': 'electron/web/process.ts',
  'cli.js': 'electron/cli/index.ts',
  'main.js': 'electron/main/index.ts',
  // A sandboxed preload can neither be a module nor require anything but electron.
  'preload.cjs': 'electron/preload/index.ts',
}
/** What a person without a window needs. */
export const headless = ['relay.js', 'lab.js', 'core.js', 'rehearsal.js', 'cli.js']
const everything = [...Object.keys(entries), 'renderer']
const pagesSource = ['renderer', 'shared']
const stamps = join(dist, '.stamps')
/** A change of any of these makes everything stale. */
const recipe = ['scripts/build.mjs', 'package-lock.json', 'tsconfig.base.json']

/**
 * Brings dist/ up to date. Throws with the compiler's own words if a source does not compile.
 * @param {{ say?: (line: string) => void, targets?: readonly string[] }} [options] `targets`: names in dist/; everything by default
 * @returns {Promise<string[]>} what was built
 */
export async function build({ say = () => {}, targets = everything } = {}) {
  mkdirSync(stamps, { recursive: true })
  const stale = Object.keys(entries).filter(
    (output) => targets.includes(output) && existsSync(join(root, entries[output])) && !isFresh(output),
  )
  const pagesAreStale = targets.includes('renderer') && existsSync(join(root, 'renderer/index.html')) && !isFresh('renderer', pageFiles())
  if (stale.length === 0 && !pagesAreStale) return []
  say('Building: a few seconds.')
  await Promise.all([...stale.map(buildEntry), ...(pagesAreStale ? [buildPages()] : [])])
  return pagesAreStale ? [...stale, 'renderer'] : stale
}

async function buildEntry(output) {
  const esbuild = await import('esbuild')
  const started = Date.now()
  const isPreload = output.endsWith('.cjs')
  const result = await esbuild.build({
    entryPoints: [join(root, entries[output])],
    outfile: join(dist, output),
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node20.19',
    sourcemap: true,
    logLevel: 'silent',
    ...(isPreload ? { format: 'cjs', external: ['electron', 'electron/*'] } : { format: 'esm', packages: 'external' }),
  })
  for (const { path, contents } of result.outputFiles) {
    const beside = `${path}.${process.pid}`
    writeFileSync(beside, contents)
    renameSync(beside, path)
  }
  stamp(output, Object.keys(result.metafile.inputs), started)
}

async function buildPages() {
  const started = Date.now()
  const files = pageFiles()
  const vite = await import('vite')
  const beside = join(dist, `.renderer-${process.pid}`)
  // React as it ships, whatever this says outside; and tests started after the build get their own.
  const { NODE_ENV } = process.env
  process.env.NODE_ENV = 'production'
  try {
    await vite.build({
      configFile: join(root, 'renderer/vite.config.ts'),
      // What is wrong is thrown.
      logLevel: 'silent',
      build: { outDir: beside, chunkSizeWarningLimit: 2_000 },
    })
    await replaceFolder(beside, join(dist, 'renderer'))
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = NODE_ENV
    rmSync(beside, { recursive: true, force: true })
  }
  stamp('renderer', files, started)
}

/** Puts `fresh` where `target` is. Another build may do the same at this moment, and Windows refuses while a file is being read. */
async function replaceFolder(fresh, target) {
  const old = `${fresh}-old`
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (existsSync(target)) renameSync(target, old)
      renameSync(fresh, target)
      break
    } catch (error) {
      if (attempt === 20) throw error
      await wait(100)
    }
  }
  rmSync(old, { recursive: true, force: true })
}

function pageFiles() {
  return pagesSource.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1)),
  )
}

const stampFile = (target) => join(stamps, `${target}.json`)

function stamp(target, inputs, started) {
  const paths = [...recipe, ...inputs]
  // Changed while it was being built: what was built may be the older text.
  if (paths.some((path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs >= started)) return
  const record = Object.fromEntries(paths.map((path) => [path, fingerprint(path)]))
  const beside = `${stampFile(target)}.${process.pid}`
  writeFileSync(beside, JSON.stringify(record))
  renameSync(beside, stampFile(target))
}

/** Whether `target` was built from exactly what is there now; `inputs` where a new file matters that nothing has named before. */
function isFresh(target, inputs = []) {
  if (!existsSync(join(dist, target)) || !existsSync(stampFile(target))) return false
  const record = JSON.parse(readFileSync(stampFile(target), 'utf8'))
  return inputs.every((path) => Object.hasOwn(record, path)) && Object.entries(record).every(([path, seen]) => fingerprint(path) === seen)
}

function fingerprint(path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false })
  return stat ? `${stat.size}:${stat.mtimeMs}` : 'absent'
}

/** As `build`, but a source that does not compile ends the process, with the compiler's words and nothing around them. */
export async function buildOrStop(options) {
  try {
    return await build(options)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setUp()
  const started = performance.now()
  const built = await buildOrStop()
  const what = built.length > 0 ? `Built ${built.join(', ')}` : 'Nothing to build'
  process.stdout.write(`${what} (${Math.round(performance.now() - started)} ms).\n`)
}
