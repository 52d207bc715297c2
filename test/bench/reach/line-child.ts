/** Measures one kind of line after the other, as its parent asks: a virtual clock has a process to itself. */
import * as v from 'valibot'
import { measureCuts } from './cuts.ts'
import { measureLine } from './measure.ts'
import { stageAuthority } from './stage.ts'

const Job = v.object({
  line: v.object({ rttMs: v.number(), loss: v.number() }),
  runs: v.number(),
  contestants: v.array(v.string()),
})
export type Job = v.InferOutput<typeof Job>

const authority = await stageAuthority()
process.on('message', (raw) => {
  const job = { ...v.parse(Job, raw), authority }
  const measure = async () => [...(await measureLine(job)), ...(await measureCuts(job))]
  void measure().then(
    (outcomes) => process.send?.({ outcomes }),
    (error: unknown) => process.send?.({ failed: String(error instanceof Error ? error.stack : error) }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
