/** The headless shell as a program: `npm run --silent cli -- <command>`. */
import { runCommandLine } from './program.ts'

const code = await runCommandLine(process.argv.slice(2))
// What was written must be out before the end: standard output may be a pipe that is read slowly.
await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()))
process.exit(code)
