/**
 * What every table and column of the live schema means, in words for the person whose data it is, and which rows of a
 * table concern an account. A test fails while any table or column is missing here.
 */
import type { DataClass } from '../../shared/contract/chat.ts'

export interface ColumnMeaning {
  readonly class: DataClass
  readonly meaning: string
}

export interface TableMeaning {
  /** Of what its rows are there for; single columns may be of another. */
  readonly class: DataClass
  /** SQL condition over the table with the account's number as `$account`; `null`: no row names a person. */
  readonly concerns: string | null
  /** Newest first, for the sample. */
  readonly newestFirst: string
  readonly columns: Readonly<Record<string, ColumnMeaning>>
  /** Columns that hold milliseconds since 1970; shown as a date. */
  readonly times: readonly string[]
}

const of = (kind: DataClass) => (meaning: string) => ({ class: kind, meaning })
const content = of('content')
const metadata = of('metadata')
const publicKey = of('public-key')
const sealed = of('sealed')
const nobody = of('nobody')

const ownDevices = (column = 'device') => `${column} IN (SELECT id FROM device WHERE account = $account)`

export const meanings: Readonly<Record<string, TableMeaning>> = {
  account: {
    class: 'metadata',
    concerns: 'id = $account',
    newestFirst: 'id DESC',
    columns: {
      id: metadata('Number the relay gave this account'),
      handle: metadata('The public name'),
      key: publicKey('The public key that owns the name; no phone number, no e-mail address'),
      at: metadata('When the name was claimed'),
    },
    times: ['at'],
  },
  device: {
    class: 'metadata',
    concerns: 'account = $account',
    newestFirst: 'id DESC',
    columns: {
      id: metadata('Number the relay gave this device'),
      account: metadata('Whose device it is'),
      device: metadata('Random name the device chose for itself; says nothing about the hardware'),
      at: metadata('When it logged in for the first time'),
    },
    times: ['at'],
  },
  message: {
    class: 'content',
    // The index tables find all but the newest messages, whose number is small (journal.ts).
    concerns: `(seq IN (SELECT seq FROM stream WHERE account = $account)
      OR (seq > (SELECT done_to FROM indexing) AND (sender = $account OR recipient = $account)))`,
    // The plus keeps SQLite from walking the whole log backwards (sqlite.org/optoverview.html, section 6).
    newestFirst: '+seq DESC',
    columns: {
      seq: metadata('Position in the relay’s log, which is also the message’s number'),
      sender: metadata('Who wrote it'),
      recipient: metadata('Who it is for'),
      device: metadata('Which of the sender’s devices sent it'),
      cid: metadata('The sending device’s own number for it'),
      body: content('The message of a cloud chat, readable by the relay: its text, or the name, type and size of a file'),
      at: metadata('When the relay took it'),
    },
    times: ['at'],
  },
  stream: {
    class: 'metadata',
    concerns: 'account = $account',
    newestFirst: 'seq DESC',
    columns: { account: metadata('Whose messages'), seq: metadata('Number of a message this account sent or received') },
    times: [],
  },
  sent: {
    class: 'metadata',
    concerns: ownDevices(),
    newestFirst: 'seq DESC',
    columns: {
      device: metadata('The sending device'),
      cid: metadata('The device’s own number for the message'),
      seq: metadata('The relay’s number for the same message'),
    },
    times: [],
  },
  indexing: {
    class: 'nobody',
    concerns: null,
    newestFirst: 'done_to',
    columns: { done_to: nobody('How far the relay has sorted its log; names nobody') },
    times: [],
  },
  mark: {
    class: 'metadata',
    concerns: '(owner = $account OR peer = $account)',
    newestFirst: 'seq DESC',
    columns: {
      owner: metadata('Who received or read'),
      peer: metadata('Whose messages'),
      state: metadata('Whether delivered or read'),
      up_to: metadata('Number of the last message it covers'),
      seq: metadata('Position of this mark in the relay’s order'),
      at: metadata('When'),
    },
    times: ['at'],
  },
  media: {
    class: 'content',
    concerns: 'owner = $account',
    newestFirst: 'granted_at DESC',
    columns: {
      id: metadata('Random name of a file; whoever knows it can fetch the file'),
      owner: metadata('Who uploaded it'),
      size: metadata('Its size in bytes'),
      token_hash: metadata('Fingerprint of the leave to upload it'),
      granted_at: metadata('When the leave was given'),
      stored_at: metadata('When the file had arrived; the file itself lies beside the database, as it was uploaded'),
      sealed: metadata('Whether it is of a secret chat: then the relay cannot open it and forgets it, after 30 days at the latest'),
    },
    times: ['granted_at', 'stored_at'],
  },
  page: {
    class: 'content',
    concerns: 'author = $account',
    newestFirst: 'at DESC',
    columns: {
      slug: metadata('Address of a public page'),
      author: metadata('Who published it'),
      title: content('Its title'),
      text: content('Its text, which is public'),
      at: metadata('When it was published'),
    },
    times: ['at'],
  },
  device_certificate: {
    class: 'public-key',
    concerns: ownDevices(),
    newestFirst: 'device DESC',
    columns: {
      device: metadata('Which of the account’s devices can be asked for a secret chat'),
      signing: publicKey('Public key with which the device signs its other keys'),
      agreement: publicKey('Public key with which others agree on secrets with the device'),
      created: metadata('When the device made these keys'),
      signature: publicKey('The account’s signature over them'),
      last_x25519: metadata('Highest number of a one-time key of the first kind so far'),
      last_mlkem768: metadata('Highest number of a one-time key of the second kind so far'),
      at: metadata('When the device last put up keys here'),
    },
    times: ['created', 'at'],
  },
  signed_prekey: {
    class: 'public-key',
    concerns: ownDevices(),
    newestFirst: 'created DESC',
    columns: {
      device: metadata('Whose public key'),
      kind: metadata('For which method'),
      id: metadata('The device’s own number for it'),
      key: publicKey('Public key that others begin a secret chat with; it opens nothing'),
      created: metadata('When the device made it'),
      expires: metadata('Until when others should use it'),
      signature: publicKey('The device’s signature over it'),
    },
    times: ['created', 'expires'],
  },
  one_time_prekey: {
    class: 'public-key',
    concerns: ownDevices(),
    newestFirst: 'created DESC, id DESC',
    columns: {
      device: metadata('Whose public key'),
      kind: metadata('For which method'),
      id: metadata('The device’s own number for it'),
      key: publicKey('Public key for the beginning of one secret chat; given to one person, then removed without a note of who took it'),
      created: metadata('When the device made it'),
      expires: metadata('Until when others should use it'),
      signature: publicKey('The device’s signature over it'),
    },
    times: ['created', 'expires'],
  },
  packet: {
    class: 'sealed',
    concerns: `(${ownDevices('to_device')} OR ${ownDevices('from_device')})`,
    // The plus, again, keeps SQLite from walking everybody's packets backwards.
    newestFirst: '+id DESC',
    columns: {
      id: metadata('Position in the order in which packets came'),
      sender: metadata('Who sent it'),
      recipient: metadata('Who it is for'),
      from_device: metadata('Which of the sender’s devices sent it'),
      to_device: metadata(
        'Which of the recipient’s devices it waits for; removed once that device has it, and after 30 days at the latest',
      ),
      cid: metadata('The sending device’s own number for it'),
      size: metadata('How many bytes it has, filled up so that short messages look alike'),
      at: metadata('When the relay took it'),
      packet: sealed('Part of a secret chat, sealed; the relay cannot open it'),
    },
    times: ['at'],
  },
}

/**
 * What a running relay sees and writes down nowhere; a test does each and finds the database unchanged. The screen has a sentence
 * for each.
 */
export const seenNotStored = [
  'address-while-connected',
  'when-online',
  'typing',
  'file-readers',
  'page-readers',
  'prekey-takers',
  'delivered-packets',
] as const
