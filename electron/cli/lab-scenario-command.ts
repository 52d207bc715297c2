/** `lab check` and `lab export`: scenario files for people who write their own. */
import { readFile } from 'node:fs/promises'
import { BackendError } from '../../shared/contract/errors.ts'
import { connect } from '../../shared/contract/port.ts'
import type { ScenarioFault } from '../../shared/contract/workbench.ts'
import { labControl } from '../../shared/protocol/processes.ts'
import { endChild } from '../host/child.ts'
import type { LabClient } from '../host/rehearsal.ts'
import { UsageError } from '../host/usage-error.ts'
import { complain, type ExitCode, print, printJson } from './answer.ts'
import { spawn } from './parts.ts'

/** One line for each fault, as editors and terminals read them; exit code 2 if there is any. */
export async function labCheckCommand(file: string, { json }: { readonly json?: boolean }): Promise<ExitCode> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`${file} cannot be read.`)
  })
  const { id, faults, more } = await withLab((lab) => lab.call('lab.check', { text }))
  if (json) printJson({ ok: faults.length === 0, id, faults, more })
  else if (faults.length === 0) print(`${file}: nothing is wrong with "${id}".`)
  if (faults.length === 0) return 0
  if (!json) {
    for (const fault of faults) complain(sayAt(fault))
    if (more > 0) complain(`And ${more} more.`)
  }
  return 2
}

/** Any scenario that comes with the lab, to start from; `schema`: what an editor checks files with. */
export async function labExportCommand(id: string): Promise<ExitCode> {
  const found = await withLab((lab) => lab.call('lab.export', { id })).catch((error: unknown) => {
    if (error instanceof BackendError && error.code === 'no-such-scenario')
      throw new UsageError(`There is no scenario "${id}"; see "lab list".`)
    throw error
  })
  process.stdout.write(found.text)
  return 0
}

function sayAt({ line, column, path, text }: ScenarioFault): string {
  return `Line ${line}, column ${column}: ${text}${path === '' ? '' : ` (${path})`}`
}

async function withLab<T>(ask: (lab: LabClient) => Promise<T>): Promise<T> {
  const child = spawn('lab')
  try {
    return await ask(connect(labControl, child.port))
  } finally {
    await endChild(child)
  }
}
