/**
 * The story of one public link, for scenarios with a false page: bob publishes, an unsuspecting visitor beside alice follows the
 * link and is recorded, alice follows it in the app, reads the real text, and is not.
 */
import type { LabState } from '../../../shared/contract/lab.ts'
import type { RunCheck } from '../../../shared/protocol/run-report.ts'
import type { Clock } from '../../../shared/util/clock.ts'
import { within } from '../../core/net/deadline.ts'
import type { Network } from '../../core/net/network.ts'
import { visitNaively } from './naive-visitor.ts'
import type { Person } from './traffic.ts'

export interface LinkStoryOptions {
  readonly reader: Person
  readonly writer: Person
  /** Where the unsuspecting visitor stands, under the name BYSTANDER. */
  readonly network: Network
  readonly lab: () => LabState
  readonly clock: Clock
}

export interface LinkStory {
  /** Plays until the visitor was recorded and the reader has read, or `ended` aborts. */
  play(ended: AbortSignal): Promise<void>
  /** Whether the visitor was recorded: the lab's doing, whatever the app does. */
  bystander(): RunCheck
  /** What became of the reader. To be asked at the end of the run, for the count must have stayed at 0 until then. */
  checks(): RunCheck[]
}

/** Not the name of the lab's own plain browser: this one is counted apart. */
export const BYSTANDER = 'bystander'
const TITLE = 'Minutes of the harbour meeting'
const TEXT = 'The tide tables were approved. Next meeting on Thursday at seven.'
const VISIT_MS = 8000
const AGAIN_MS = 1000

export async function startLinkStory({ reader, writer, network, lab, clock }: LinkStoryOptions): Promise<LinkStory> {
  const { url } = await writer.core.call('link.publish', { title: TITLE, text: TEXT })
  let stopped = false
  let by = 'not opened'
  const recorded = (who: string) => lab().tracker?.byClient[who] ?? 0

  /** As a person does: the plain way first, and when the app warns, the way it offers. */
  const follow = async () => {
    const first = await reader.core.call('link.open', { url, bypass: false })
    if (first.outcome === 'stopped') stopped = true
    const answer = first.outcome === 'stopped' && first.canBypass ? await reader.core.call('link.open', { url, bypass: true }) : first
    by = answer.outcome === 'reader' ? (answer.text === TEXT ? answer.by : 'another text') : answer.outcome
  }
  const hasRead = () => ['plain', 'other-lookup', 'bundled-address', 'proxy'].includes(by)

  return {
    async play(ended) {
      while (!ended.aborted && recorded(BYSTANDER) === 0) {
        await within(clock, VISIT_MS, ended, (limit) => visitNaively(network, url, limit))
        await pause(clock, AGAIN_MS)
      }
      // Once in any case: with nobody recorded there is still a link to read.
      do {
        await follow().catch(() => {})
        if (!hasRead()) await pause(clock, AGAIN_MS)
      } while (!ended.aborted && !hasRead())
    },
    bystander: () => check('bystander-recorded', recorded(BYSTANDER) > 0, 'at least 1', String(recorded(BYSTANDER))),
    checks: () => [
      check('app-warned-of-false-address', stopped, 'stopped before the false address', stopped ? 'stopped' : 'not stopped'),
      check('link-read-by-an-honest-path', hasRead(), 'the real text', by),
      check('reader-not-recorded', recorded(reader.name) === 0, '0', String(recorded(reader.name))),
    ],
  }
}

function check(id: string, ok: boolean, expected: string, seen: string): RunCheck {
  return { id, ok, expected, seen }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}
