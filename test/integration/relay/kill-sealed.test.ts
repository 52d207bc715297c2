/**
 * The same death as in kill.test.ts, for sealed packets: people send to devices of which one is offline and the other takes
 * what comes and lets it be forgotten; the relay is killed in between, started again, and everybody carries on.
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SealedPacket } from '../../../shared/protocol/secret.ts'
import { chatAddress, connectClient, keyOf, newIdentity, type TestClient, type TestIdentity } from '../../support/relay-client.ts'
import { freshDirectory } from '../../support/relay-here.ts'
import { type RelayProcess, startRelayProcess } from '../../support/relay-process.ts'
import { testPrekeys } from '../../support/test-prekeys.ts'

const ROUNDS = 6
const ACKS_BEFORE_KILL = 150
/** Packets that each sender keeps under way. */
const WINDOW = 24

interface Sender {
  readonly identity: TestIdentity
  /** What was sent, by its number, to the two recipients in turns. */
  readonly outbox: string[]
  readonly acked: Set<number>
}

const connectTo = (relay: RelayProcess, identity: TestIdentity) => connectClient(chatAddress(relay.bundle, relay.port), identity)

/** Sends what has no answer yet, then new packets while `more` says so. Ends with the connection, or when all is answered. */
function sendAll(client: TestClient, sender: Sender, recipients: readonly TestIdentity[], more: () => boolean): Promise<void> {
  const rest = [...sender.outbox.keys()].filter((cid) => !sender.acked.has(cid))
  let underWay = 0
  const next = () => {
    const known = rest.shift()
    return known ?? (more() ? sender.outbox.push(randomBytes(300).toString('base64url')) - 1 : undefined)
  }
  return new Promise((resolve, reject) => {
    client.socket.once('disconnect', () => resolve())
    const fill = () => {
      for (let cid = underWay < WINDOW ? next() : undefined; cid !== undefined; cid = underWay < WINDOW ? next() : undefined) {
        const sent = cid
        const to = recipients[sent % recipients.length]
        if (!to) return
        underWay += 1
        const toDevice = Buffer.from(to.device).toString('base64url')
        client
          .request('sealed.send', { cid: sent, turn: 0, to: to.handle, toKey: keyOf(to), toDevice, packet: sender.outbox[sent] ?? '' })
          .then(
            (answer) => {
              if (!answer.ok) return void reject(new Error(answer.code))
              underWay -= 1
              sender.acked.add(sent)
              fill()
            },
            () => {},
          )
      }
      if (underWay === 0) resolve()
    }
    fill()
  })
}

/** Takes what comes and lets the relay forget it, as a device does that has written it down. */
function takeAndForget(client: TestClient, taken: SealedPacket[]): void {
  const take = (packets: readonly SealedPacket[]) => {
    taken.push(...packets)
    const upTo = packets.at(-1)?.id
    if (upTo !== undefined) client.request('sealed.done', { upTo }).catch(() => {})
  }
  take(client.hello.sealed.packets)
  client.socket.on('sealed', take)
}

async function everythingOf(relay: RelayProcess, identity: TestIdentity): Promise<SealedPacket[]> {
  const client = await connectTo(relay, identity)
  for (let more = client.hello.sealed.more; more; ) {
    const page = await client.request('sealed.read', { after: client.mail.at(-1)?.id ?? 0 })
    if (!page.ok) throw new Error(page.code)
    client.mail.push(...page.packets)
    more = page.more
  }
  client.close()
  return client.mail
}

describe('a relay that is killed without warning', () => {
  it('loses no sealed packet it acknowledged, doubles none that waits, and keeps their order', { timeout: 180_000 }, async () => {
    const dataDir = freshDirectory()
    const senders = ['ann', 'bob', 'cyd'].map((name): Sender => ({ identity: newIdentity(name), outbox: [], acked: new Set() }))
    const [away, present] = [newIdentity('away'), newIdentity('present')]
    const taken: SealedPacket[] = []
    let underWay = 0
    try {
      const first = await startRelayProcess(dataDir)
      for (const identity of [away, present]) {
        const client = await connectTo(first, identity)
        await client.request('prekeys.publish', testPrekeys(1))
        client.close()
      }
      await first.close()
      for (let round = 0; round < ROUNDS; round++) {
        const doomed = await startRelayProcess(dataDir)
        const taker = await connectTo(doomed, present)
        takeAndForget(taker, taken)
        const clients = await Promise.all(senders.map(({ identity }) => connectTo(doomed, identity)))
        const acked = () => senders.reduce((sum, sender) => sum + sender.acked.size, 0)
        const goal = acked() + ACKS_BEFORE_KILL
        const more = () => {
          if (acked() >= goal) doomed.child.kill('SIGKILL')
          return true
        }
        await Promise.all(senders.flatMap((sender, i) => (clients[i] ? [sendAll(clients[i], sender, [away, present], more)] : [])))
        await doomed.ended
        for (const client of [...clients, taker]) client.close()
        underWay += senders.reduce((sum, { outbox, acked: { size } }) => sum + outbox.length - size, 0)
      }
      const last = await startRelayProcess(dataDir)
      const ackedBefore = senders.map(({ acked }) => new Set(acked))
      const waitingBefore = (await everythingOf(last, away)).map(({ packet }) => packet)
      for (const [i, sender] of senders.entries()) {
        const promised = [...(ackedBefore[i] ?? [])].filter((cid) => cid % 2 === 0).map((cid) => sender.outbox[cid])
        expect(promised.filter((packet) => !waitingBefore.includes(packet ?? ''))).toEqual([])
        const client = await connectTo(last, sender.identity)
        await sendAll(client, sender, [away, present], () => false)
        client.close()
      }
      taken.push(...(await everythingOf(last, present)))
      const waiting = await everythingOf(last, away)
      await last.close()
      for (const { identity, outbox } of senders) {
        const of = (mail: readonly SealedPacket[]) => mail.filter(({ from }) => from === identity.handle).map(({ packet }) => packet)
        expect(of(waiting)).toEqual(outbox.filter((_, cid) => cid % 2 === 0))
        // Told to forget before it died, the relay may be sent the same packet once more; the first of each stand in order.
        expect([...new Set(of(taken))]).toEqual(outbox.filter((_, cid) => cid % 2 === 1))
      }
      expect(underWay).toBeGreaterThan(ROUNDS)
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
