/** Shares runs out to a few processes and collects what came of them. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { type Job, Result, type Run } from './job.ts'

const Answer = v.union([v.object({ result: Result }), v.object({ failed: v.string() })])

const MOST_PROCESSES = 2

/** In the order of the jobs. One that fails has no result, and `onTrouble` is told why. Rejects when a process ends. */
export async function runAll<J extends Job>(
  jobs: readonly J[],
  onDone: (done: number) => void,
  onTrouble: (job: J, why: string) => void,
): Promise<Run<J>[]> {
  const runs: Run<J>[] = []
  const left = jobs.map((job, at) => ({ job, at }))
  let done = 0
  const work = async () => {
    const child = fork(join(import.meta.dirname, 'play-child.ts'), [], { execArgv: ['--import', 'tsx'] })
    const gone = once(child, 'exit').then(() => {
      throw new Error('a process that plays ended too soon')
    })
    gone.catch(() => {})
    try {
      await Promise.race([once(child, 'message'), gone])
      for (let next = left.shift(); next; next = left.shift()) {
        const answered = once(child, 'message')
        child.send(next.job)
        const [raw]: unknown[] = await Promise.race([answered, gone])
        const answer = v.parse(Answer, raw)
        if ('failed' in answer) onTrouble(next.job, answer.failed)
        runs[next.at] = { job: next.job, result: 'result' in answer ? answer.result : null }
        onDone(++done)
      }
    } finally {
      child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: Math.min(MOST_PROCESSES, availableParallelism(), jobs.length) }, work))
  return runs
}
