/** `chat`: a headless client. Commands in, events out, one JSON object a line. */
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import * as v from 'valibot'
import { ContactCard, Handle, MAX_TEXT, type Message, MessageId } from '../../shared/contract/chat.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { Passphrase } from '../../shared/contract/profile.ts'
import type { Engine } from '../host/engine.ts'
import { type ExitCode, printJson } from './answer.ts'
import { openProfile, type ProfileFlags, passphraseFromFile } from './headless-core.ts'
import { untilAsked } from './parts.ts'

/** What may stand on a line of standard input. */
export const Command = v.variant('cmd', [
  v.strictObject({
    cmd: v.literal('send'),
    to: Handle,
    text: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_TEXT)),
    /** Chosen by the sender, so that asking twice sends once. */
    id: v.optional(MessageId),
  }),
  v.strictObject({ cmd: v.literal('add'), card: ContactCard }),
  v.strictObject({ cmd: v.literal('publish'), title: v.string(), text: v.string() }),
  v.strictObject({ cmd: v.literal('open'), url: v.string(), bypass: v.optional(v.boolean(), false) }),
  /** For a profile that is locked; nothing else is done before. */
  v.strictObject({ cmd: v.literal('unlock'), passphrase: Passphrase }),
  v.strictObject({ cmd: v.literal('path') }),
  v.strictObject({ cmd: v.literal('quit') }),
])
export type Command = v.InferOutput<typeof Command>

const HOW_TO_UNLOCK =
  'this profile has a passphrase. Give it as {"cmd":"unlock","passphrase":"…"}, or name a file that holds it in THROUGHLINE_PASSPHRASE_FILE.'

/** Ends at `quit`, at the end of input, or when asked. */
export async function chatCommand(flags: ProfileFlags): Promise<ExitCode> {
  const engine = await openProfile(flags)
  try {
    report(engine)
    if (engine.card !== null) ready(engine.card)
    else {
      const passphrase = await passphraseFromFile()
      if (passphrase === null) printJson({ event: 'locked' })
      else await unlock(passphrase, engine)
    }
    const lines = createInterface({ input: process.stdin })
    void untilAsked().then(() => lines.close())
    for await (const line of lines) {
      if (line.trim() === '') continue
      const command = parseCommand(line)
      if (command?.cmd === 'quit') break
      if (command) await obey(command, engine).catch(complainAbout)
      else printJson({ event: 'error', code: 'bad-input', detail: 'not a command' })
    }
    lines.close()
    if ((await engine.core.call('profile.get', {})).locked) throw new BackendError('store-locked', HOW_TO_UNLOCK)
    return 0
  } finally {
    await engine.stop()
  }
}

/** `null` for anything that is not one of the commands. */
export function parseCommand(line: string): Command | null {
  try {
    const parsed = v.safeParse(Command, JSON.parse(line))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}

function ready(card: string): void {
  printJson({ event: 'ready', handle: card.split(':')[0], card })
}

async function unlock(passphrase: string, { core }: Engine): Promise<void> {
  await core.call('profile.unlock', { passphrase })
  ready((await core.call('self.get', {})).card)
}

async function obey(command: Exclude<Command, { cmd: 'quit' }>, engine: Engine): Promise<void> {
  const { core } = engine
  switch (command.cmd) {
    case 'send':
      // Its states come as events, the first of them `queued`.
      await core.call('message.send', { id: command.id ?? randomUUID(), chatId: `cloud:${command.to}`, text: command.text })
      return
    case 'add':
      printJson({ event: 'added', handle: (await core.call('contact.add', { card: command.card })).peer.handle })
      return
    case 'publish':
      printJson({ event: 'published', ...(await core.call('link.publish', { title: command.title, text: command.text })) })
      return
    case 'open':
      printJson({ event: 'opened', ...(await core.call('link.open', { url: command.url, bypass: command.bypass })) })
      return
    case 'unlock':
      return unlock(command.passphrase, engine)
    case 'path':
      printJson({ event: 'path', ...(await core.call('path.get', {})) })
  }
}

function report({ core }: Engine): void {
  let lastStatus = ''
  core.on('message.changed', (message) => printJson(eventOf(message)))
  core.on('path.changed', ({ status, route }) => {
    const recipe = route?.recipe ?? null
    if (`${status} ${recipe}` === lastStatus) return
    lastStatus = `${status} ${recipe}`
    printJson({ event: 'status', status, recipe })
  })
}

/** `message` for our own, with where it stands; `received` for theirs; `notice` for what happened in a secret chat. */
function eventOf(message: Message): Record<string, unknown> {
  const { id, chatId, from, at, body, delivery } = message
  if (body.kind === 'notice') return { event: 'notice', id, chat: chatId, ...body.notice, at }
  const content = body.kind === 'text' ? { text: body.text } : { file: { name: body.name, size: body.size, transfer: body.transfer.state } }
  if (!message.mine) return { event: 'received', id, from, ...content, at }
  const reason = delivery?.state === 'failed' ? { reason: delivery.reason } : {}
  return { event: 'message', id, to: chatId.slice(chatId.indexOf(':') + 1), state: delivery?.state ?? 'queued', ...reason }
}

function complainAbout(error: unknown): void {
  if (!(error instanceof BackendError)) throw error
  printJson({ event: 'error', code: error.code, detail: error.detail })
}
