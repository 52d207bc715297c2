/** The command line as a program, from dist/, which is brought up to date first. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Program, root, startProgram } from './app-program.ts'

/** Builds what has changed; nothing if `npm test` has just done so. */
export function buildPrograms(): void {
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

export function startCommand(...args: readonly string[]): Program {
  return startProgram([process.execPath, join(root, 'dist/cli.js'), ...args], {})
}

/** Runs a command to its end. `json`: the last line of what it said that is JSON and no log line. */
export async function runCommand(...args: readonly string[]): Promise<{ code: number | null; said: string; json: unknown }> {
  const program = startCommand(...args)
  const code = await program.ended
  return { code, said: program.said(), json: lastJson(program.said()) }
}

function lastJson(said: string): unknown {
  for (const line of said.trimEnd().split('\n').toReversed()) {
    try {
      const value: unknown = JSON.parse(line)
      if (typeof value === 'object' && value !== null && !('level' in value)) return value
    } catch {
      // A sentence for people.
    }
  }
  return undefined
}
