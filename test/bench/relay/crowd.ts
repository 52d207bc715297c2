/** Two hundred people in pairs at one server, and what that costs its process, looked at in slices of time. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { sleep, systemClock } from '../../../shared/util/clock.ts'
import { newIdentity, type RelayAddress } from '../../support/relay-client.ts'
import { enter, type Person } from './person.ts'

const PEOPLE = 200
const WARM_UP_MS = 1000
const SLICE_MS = 500
const SLICES = 4
const DRAIN_MS = 10_000

export interface Server {
  readonly name: string
  readonly address: RelayAddress
  readonly child: ChildProcess
}

/** What one server did in one case, over all rounds. */
export interface Figures {
  readonly name: string
  readonly perSecond: number[]
  readonly cpuMicros: number[]
  readonly latencies: number[]
}

/** Messages each person keeps under way, or messages a second of all together. */
export type Load = { readonly window: number } | { readonly perSecond: number }

export interface Crowd {
  readonly server: Server
  /** One round: warms up, then measures. Rejects if what was acknowledged was not delivered. */
  measure(load: Load, into: Figures): Promise<void>
  leave(): void
}

export async function gather(server: Server): Promise<Crowd> {
  const identities = Array.from({ length: PEOPLE }, (_, i) => newIdentity(`person_${i}`))
  const people = await Promise.all(identities.map((identity, i) => enter(server.address, identity, identities[i ^ 1] ?? identity)))
  const total = (what: keyof Person['counts']) => people.reduce((sum, { counts }) => sum + counts[what], 0)
  const look = () => ({ acked: total('acked'), cpu: cpuSeconds(server.child), at: performance.now() })

  /** Waits until everything sent was acknowledged and delivered, so that the next one measured has the machine alone. */
  const drain = async () => {
    const until = performance.now() + DRAIN_MS
    while (total('acked') < total('sent') || total('delivered') < total('acked')) {
      if (performance.now() > until) {
        throw new Error(`${server.name}: ${total('sent')} sent, ${total('acked')} acknowledged, ${total('delivered')} delivered`)
      }
      await sleep(systemClock, 50)
    }
  }

  return {
    server,
    async measure(load, into) {
      const stop = 'window' in load ? startAll(people, load.window) : pace(people, load.perSecond)
      await sleep(systemClock, WARM_UP_MS)
      for (const person of people) person.latencies.length = 0
      let before = look()
      for (let slice = 0; slice < SLICES; slice++) {
        await sleep(systemClock, SLICE_MS)
        const after = look()
        const messages = after.acked - before.acked
        into.perSecond.push((messages / (after.at - before.at)) * 1000)
        into.cpuMicros.push(((after.cpu - before.cpu) * 1e6) / messages)
        before = after
      }
      for (const person of people) into.latencies.push(...person.latencies)
      stop()
      await drain()
    },
    leave: () => people.forEach((person) => void person.leave()),
  }
}

function startAll(people: readonly Person[], window: number): () => void {
  for (const person of people) person.start(window)
  return () => people.forEach((person) => void person.pause())
}

/** Spread evenly: each turn of the timer sends what has fallen due since, one from each person in turn. */
function pace(people: readonly Person[], perSecond: number): () => void {
  const begun = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    for (const due = ((performance.now() - begun) * perSecond) / 1000; sent < due; sent++) people[sent % people.length]?.say()
  }, 1)
  return () => clearInterval(timer)
}

/** CPU seconds of another process, user and system, from Linux's own accounting; NaN elsewhere. */
function cpuSeconds(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return Number.NaN
  }
}
