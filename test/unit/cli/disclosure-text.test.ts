/** What `disclose` prints: both kinds of chat beside each other, and nothing in it that could act on a terminal. */
import { describe, expect, it } from 'vitest'
import { type Disclosed, disclosureText } from '../../../electron/cli/disclosure-text.ts'

const at = Date.UTC(2026, 2, 2, 10, 42)
const nothing = { messages: 0, rows: [] }
const disclosed: Disclosed = {
  handle: 'alice',
  key: 'AAAA',
  computedAt: at,
  tables: [
    { table: 'account', class: 'metadata', columns: [], count: 1, sample: [] },
    { table: 'message', class: 'content', columns: [], count: 1, sample: [] },
    { table: 'packet', class: 'sealed', columns: [], count: 2, sample: [] },
    { table: 'indexing', class: 'nobody', columns: [], count: 0, sample: [] },
    { table: 'horoscope', columns: [], count: 3, sample: [] },
  ],
  seenNotStored: [],
  sides: {
    files: { open: 1, sealed: 2 },
    packets: { toMe: 1, fromMe: 1, bytes: 1024 },
    publicKeys: 8,
    people: [
      {
        handle: 'bob',
        cloud: { messages: 1, rows: [{ at, mine: true, isFile: false, text: 'meet\u001b[2J\u202eat noon' }] },
        secret: { packets: 2, bytes: 1024, rows: [{ at, mine: false, bytes: 512, head: '0011223344556677ff' }] },
      },
      { handle: 'cyd', cloud: nothing, secret: { packets: 0, bytes: 0, rows: [] } },
    ],
    morePeople: 4,
  },
  kept: { keptMs: 30 * 86_400_000, wipedWithinMs: 60_000, mailboxBytes: 64 * 1024 * 1024, mailboxPackets: 10_000 },
  columns: { searched: 70, likeAddress: [] },
}

describe('the text of a disclosure', () => {
  const text = disclosureText(disclosed)
  const line = (word: string) => text.split('\n').find((each) => each.includes(word)) ?? ''

  it('has the words of a cloud chat on one side and size and time of sealed packets on the other', () => {
    expect(line('> meet')).toMatch(/^\s+2026-03-02 10:42 > meet.*2026-03-02 10:42 < 512 bytes, 0011223344556677…$/)
    expect(line('Sealed ')).toMatch(/nothing +2 packets, 1,024 bytes$/)
    expect(line('Public keys')).toMatch(/1, of the account +7 keys/)
    expect(text).toContain('and 4 more people')
  })

  it('gives each table its class, and says of one that nobody explained that it is not', () => {
    expect(text).toMatch(/\n +message +content +1 row\n/)
    expect(line('horoscope')).toMatch(/horoscope +not explained +3 rows$/)
    expect(text).not.toContain('indexing')
  })

  it('names a column that looks like one for an address, and else says that there is none', () => {
    expect(line('70 columns')).toContain('none is for an address')
    const other = disclosureText({ ...disclosed, columns: { searched: 70, likeAddress: ['visit.ip'] } })
    expect(other).toContain('these seem to be for an address or the like: visit.ip.')
  })

  it('lets nothing through that would move the cursor or turn a line around', () => {
    for (const character of ['\u001b', '\u202e']) expect(text).not.toContain(character)
    expect(line('> meet')).toContain('meet [2J at noon')
  })
})
