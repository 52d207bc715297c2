/** Shares jobs out to a few processes, one at a time each, and collects what they answer. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

const MOST_PROCESSES = 2

/** `entry`: a program that says anything once it is ready, and answers each job with one message. In the order of the jobs. Rejects when a process ends, or `onAnswer` throws. */
export async function shareOut<J extends object, R>(
  entry: string,
  jobs: readonly J[],
  onAnswer: (raw: unknown, job: J) => R,
): Promise<R[]> {
  const results: R[] = []
  const left = jobs.map((job, at) => ({ job, at }))
  const work = async () => {
    const child = fork(entry, [], { execArgv: ['--import', 'tsx'] })
    const gone = once(child, 'exit').then(() => {
      throw new Error('a process of the bench ended too soon')
    })
    gone.catch(() => {})
    try {
      await Promise.race([once(child, 'message'), gone])
      for (let next = left.shift(); next; next = left.shift()) {
        const answered = once(child, 'message')
        child.send(next.job)
        const [raw]: unknown[] = await Promise.race([answered, gone])
        results[next.at] = onAnswer(raw, next.job)
      }
    } finally {
      child.kill('SIGKILL')
    }
  }
  await Promise.all(Array.from({ length: Math.min(MOST_PROCESSES, availableParallelism(), jobs.length) }, work))
  return results
}
