/** What a legal request for one account would get, for reading in a terminal: cloud and secret chats side by side. Pure. */
import * as v from 'valibot'
import { type DataClass, Holdings, type Sides } from '../../shared/contract/chat.ts'

export const Disclosed = v.strictObject({ handle: v.string(), key: v.string(), ...Holdings.entries })
export type Disclosed = v.InferOutput<typeof Disclosed>

const LABEL = 14
const COLUMN = 42
/** Of what was written; all of it is in the answer with --json. */
const ROWS = 3

const classWords: Readonly<Record<DataClass, string>> = {
  content: 'content',
  metadata: 'metadata',
  'public-key': 'public keys',
  sealed: 'sealed',
  nobody: 'about nobody',
}

const amount = (count: number, one: string, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`
const duration = (ms: number) => (ms >= 86_400_000 ? amount(ms / 86_400_000, 'day') : amount(ms / 1000, 'second'))
const time = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ')

/** Nothing that others wrote moves the cursor or turns the direction of a line. */
const harmless = (text: string) => text.replaceAll(/[\p{Cc}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, ' ')
const cut = (text: string, width: number) => {
  const characters = Array.from(harmless(text))
  return characters.length <= width ? characters.join('') : `${characters.slice(0, width - 1).join('')}…`
}

export function disclosureText({ handle, computedAt, tables, sides, kept, columns }: Disclosed): string {
  const held = tables.filter((table) => table.class !== 'nobody')
  const widest = Math.max(...held.map(({ table }) => table.length))
  const metadata = held.filter((table) => table.class === 'metadata').reduce((sum, { count }) => sum + count, 0)
  return [
    `What a legal request about ${handle} would get, read off the relay's database at ${time(computedAt)} UTC.`,
    '',
    ...(sides ? [...together(sides, metadata), ...person(sides)] : []),
    'Table by table',
    ...held.map(
      ({ table, class: kind, count }) =>
        `  ${table.padEnd(widest)}  ${(kind ? classWords[kind] : 'not explained').padEnd(12)}  ${amount(count, 'row')}`,
    ),
    '',
    ...(kept
      ? [
          `Sealed packets wait ${duration(kept.keptMs)} at most, ${amount(kept.mailboxPackets, 'packet')} or ${kept.mailboxBytes / 1024 / 1024} MiB for a device;`,
          `files of secret chats stay ${duration(kept.keptMs)} at most. What is forgotten is out of every file within ${duration(kept.wipedWithinMs)}.`,
        ]
      : []),
    ...(columns ? [addressLine(columns, tables.length)] : []),
    'While somebody is connected, a running relay sees their address; it does not store it.',
  ].join('\n')
}

function addressLine({ searched, likeAddress }: NonNullable<Disclosed['columns']>, tables: number): string {
  const where = `Of ${amount(searched, 'column')} in ${amount(tables, 'table')}`
  if (likeAddress.length === 0) return `${where} none is for an address, a telephone number or a kind of computer.`
  return `${where} these seem to be for an address or the like: ${likeAddress.join(', ')}.`
}

function beside(label: string, cloud: readonly string[], secret: readonly string[]): string[] {
  return Array.from({ length: Math.max(cloud.length, secret.length) }, (_, i) =>
    `${(i === 0 ? label : '').padEnd(LABEL)}${cut(cloud[i] ?? '', COLUMN - 2).padEnd(COLUMN)}${secret[i] ?? ''}`.trimEnd(),
  )
}

function together({ files, packets, publicKeys }: Sides, metadata: number): string[] {
  const waiting = packets.toMe + packets.fromMe
  return [
    ...beside('', ['CLOUD CHATS'], ['SECRET CHATS']),
    ...beside('Content', ['messages: all, as written', `${amount(files.open, 'file')}, as uploaded`], ['nothing']),
    ...beside('Metadata', ['who, when, delivered, read', `${amount(metadata, 'row')}`], ['who, when and size of what waits']),
    ...beside(
      'Sealed',
      ['nothing'],
      [`${amount(waiting, 'packet')}, ${amount(packets.bytes, 'byte')}`, `${amount(files.sealed, 'file')}; neither can be opened`],
    ),
    ...beside('Public keys', ['1, of the account'], [`${amount(publicKeys - 1, 'key')}; they open nothing`]),
    ...beside('Nothing', [], ['of what was delivered: it is gone']),
    '',
  ]
}

function person({ people, morePeople }: Sides): string[] {
  const lines = people.flatMap(({ handle, cloud, secret }) => [
    ...beside(cut(handle, LABEL - 1), [amount(cloud.messages, 'message')], [amount(secret.packets, 'sealed packet')]),
    ...beside(
      '',
      cloud.rows.slice(0, ROWS).map(({ at, mine, isFile, text }) => `${time(at)} ${mine ? '>' : '<'} ${isFile ? `file ${text}` : text}`),
      secret.rows
        .slice(0, ROWS)
        .map(({ at, mine, bytes, head }) => `${time(at)} ${mine ? '>' : '<'} ${amount(bytes, 'byte')}, ${head.slice(0, 16)}…`),
    ),
    '',
  ])
  return morePeople > 0 ? [...lines, `and ${amount(morePeople, 'more person', 'more people')}`, ''] : lines
}
