/**
 * What every table and column of the live schema means, in words for the person whose data it is, and which rows of a
 * table concern an account. A test fails while any table or column is missing here.
 */

export interface TableMeaning {
  /** SQL condition over the table with the account's number as `$account`; `null`: no row names a person. */
  readonly concerns: string | null
  /** Newest first, for the sample. */
  readonly newestFirst: string
  readonly columns: Readonly<Record<string, string>>
  /** Columns that hold milliseconds since 1970; shown as a date. */
  readonly times: readonly string[]
}

const ownDevices = (column = 'device') => `${column} IN (SELECT id FROM device WHERE account = $account)`

export const meanings: Readonly<Record<string, TableMeaning>> = {
  account: {
    concerns: 'id = $account',
    newestFirst: 'id DESC',
    columns: {
      id: 'Number the relay gave this account',
      handle: 'The public name',
      key: 'The public key that owns the name; no phone number, no e-mail address',
      at: 'When the name was claimed',
    },
    times: ['at'],
  },
  device: {
    concerns: 'account = $account',
    newestFirst: 'id DESC',
    columns: {
      id: 'Number the relay gave this device',
      account: 'Whose device it is',
      device: 'Random name the device chose for itself; says nothing about the hardware',
      at: 'When it logged in for the first time',
    },
    times: ['at'],
  },
  message: {
    // The index tables find all but the newest messages, whose number is small (journal.ts).
    concerns: `(seq IN (SELECT seq FROM stream WHERE account = $account)
      OR (seq > (SELECT done_to FROM indexing) AND (sender = $account OR recipient = $account)))`,
    // The plus keeps SQLite from walking the whole log backwards (sqlite.org/optoverview.html, section 6).
    newestFirst: '+seq DESC',
    columns: {
      seq: 'Position in the relay’s log, which is also the message’s number',
      sender: 'Who wrote it',
      recipient: 'Who it is for',
      device: 'Which of the sender’s devices sent it',
      cid: 'The sending device’s own number for it',
      body: 'The message of a cloud chat, readable by the relay: its text, or the name, type and size of a file',
      at: 'When the relay took it',
    },
    times: ['at'],
  },
  stream: {
    concerns: 'account = $account',
    newestFirst: 'seq DESC',
    columns: { account: 'Whose messages', seq: 'Number of a message this account sent or received' },
    times: [],
  },
  sent: {
    concerns: ownDevices(),
    newestFirst: 'seq DESC',
    columns: {
      device: 'The sending device',
      cid: 'The device’s own number for the message',
      seq: 'The relay’s number for the same message',
    },
    times: [],
  },
  indexing: {
    concerns: null,
    newestFirst: 'done_to',
    columns: { done_to: 'How far the relay has sorted its log; names nobody' },
    times: [],
  },
  mark: {
    concerns: '(owner = $account OR peer = $account)',
    newestFirst: 'seq DESC',
    columns: {
      owner: 'Who received or read',
      peer: 'Whose messages',
      state: 'Whether delivered or read',
      up_to: 'Number of the last message it covers',
      seq: 'Position of this mark in the relay’s order',
      at: 'When',
    },
    times: ['at'],
  },
  media: {
    concerns: 'owner = $account',
    newestFirst: 'granted_at DESC',
    columns: {
      id: 'Random name of a file; whoever knows it can fetch the file',
      owner: 'Who uploaded it',
      size: 'Its size in bytes',
      token_hash: 'Fingerprint of the leave to upload it',
      granted_at: 'When the leave was given',
      stored_at: 'When the file had arrived; the file itself lies beside the database, as it was uploaded',
      sealed: 'Whether it is of a secret chat: then the relay cannot open it and forgets it, after 30 days at the latest',
    },
    times: ['granted_at', 'stored_at'],
  },
  page: {
    concerns: 'author = $account',
    newestFirst: 'at DESC',
    columns: {
      slug: 'Address of a public page',
      author: 'Who published it',
      title: 'Its title',
      text: 'Its text, which is public',
      at: 'When it was published',
    },
    times: ['at'],
  },
  device_certificate: {
    concerns: ownDevices(),
    newestFirst: 'device DESC',
    columns: {
      device: 'Which of the account’s devices can be asked for a secret chat',
      signing: 'Public key with which the device signs its other keys',
      agreement: 'Public key with which others agree on secrets with the device',
      created: 'When the device made these keys',
      signature: 'The account’s signature over them',
      last_x25519: 'Highest number of a one-time key of the first kind so far',
      last_mlkem768: 'Highest number of a one-time key of the second kind so far',
      at: 'When the device last put up keys here',
    },
    times: ['created', 'at'],
  },
  signed_prekey: {
    concerns: ownDevices(),
    newestFirst: 'created DESC',
    columns: {
      device: 'Whose public key',
      kind: 'For which method',
      id: 'The device’s own number for it',
      key: 'Public key that others begin a secret chat with; it opens nothing',
      created: 'When the device made it',
      expires: 'Until when others should use it',
      signature: 'The device’s signature over it',
    },
    times: ['created', 'expires'],
  },
  one_time_prekey: {
    concerns: ownDevices(),
    newestFirst: 'created DESC, id DESC',
    columns: {
      device: 'Whose public key',
      kind: 'For which method',
      id: 'The device’s own number for it',
      key: 'Public key for the beginning of one secret chat; given to one person, then removed without a note of who took it',
      created: 'When the device made it',
      expires: 'Until when others should use it',
      signature: 'The device’s signature over it',
    },
    times: ['created', 'expires'],
  },
  packet: {
    concerns: `(${ownDevices('to_device')} OR ${ownDevices('from_device')})`,
    // The plus, again, keeps SQLite from walking everybody's packets backwards.
    newestFirst: '+id DESC',
    columns: {
      id: 'Position in the order in which packets came',
      sender: 'Who sent it',
      recipient: 'Who it is for',
      from_device: 'Which of the sender’s devices sent it',
      to_device: 'Which of the recipient’s devices it waits for; removed once that device has it, and after 30 days at the latest',
      cid: 'The sending device’s own number for it',
      size: 'How many bytes it has, filled up so that short messages look alike',
      at: 'When the relay took it',
      packet: 'Part of a secret chat, sealed; the relay cannot open it',
    },
    times: ['at'],
  },
}

/** What a running relay sees and does not write down. The screen has a sentence for each. */
export const seenNotStored = ['address-while-connected', 'when-online', 'message-sizes', 'who-writes-whom-live', 'typing'] as const
