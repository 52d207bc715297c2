/** Shares lines out to a few processes and collects what they measured. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Job } from './line-child.ts'
import { Outcome } from './outcome.ts'

const Answer = v.union([v.object({ outcomes: v.array(Outcome) }), v.object({ failed: v.string() })])

const MOST_PROCESSES = 2

/** In the order of the jobs. Rejects when a process fails. */
export async function measureAll(jobs: readonly Job[], onDone: (job: Job) => void): Promise<Outcome[][]> {
  const results: Outcome[][] = []
  const left = jobs.map((job, at) => ({ job, at }))
  const work = async () => {
    const child = fork(join(import.meta.dirname, 'line-child.ts'), [], { execArgv: ['--import', 'tsx'] })
    const gone = once(child, 'exit').then(() => {
      throw new Error('a process that measures ended too soon')
    })
    gone.catch(() => {})
    try {
      await Promise.race([once(child, 'message'), gone])
      for (let next = left.shift(); next; next = left.shift()) {
        const answered = once(child, 'message')
        child.send(next.job)
        const [raw]: unknown[] = await Promise.race([answered, gone])
        const answer = v.parse(Answer, raw)
        if ('failed' in answer) throw new Error(answer.failed)
        results[next.at] = answer.outcomes
        onDone(next.job)
      }
    } finally {
      child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: Math.min(MOST_PROCESSES, availableParallelism(), jobs.length) }, work))
  return results
}
