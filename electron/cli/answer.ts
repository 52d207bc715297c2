/** How commands answer: data on standard output (with `--json` one line, the last), complaints on standard error, and exit codes. */

/** 0 success, 1 the thing asked for failed, 2 bad usage or input. `probe` adds 3 interference, 4 another fault, 5 inconclusive. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

export function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}
