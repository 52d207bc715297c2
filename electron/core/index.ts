/** The engine of one profile, put together: store, chats and links over whatever gets through. Speaks the contract to any number of screens. */
import * as v from 'valibot'
import { type CoreHandlers, contract, type EventName, type EventPayload } from '../../shared/contract/api.ts'
import { Holdings } from '../../shared/contract/chat.ts'
import { BackendError } from '../../shared/contract/errors.ts'
import { serve } from '../../shared/contract/port.ts'
import type { RequestInput, RequestName, RequestOutput } from '../../shared/protocol/relay.ts'
import { sleep } from '../../shared/util/clock.ts'
import { createEvents } from '../../shared/util/events.ts'
import { sealAccount } from './account-file.ts'
import { createChats } from './chats/index.ts'
import { searchMessages, searchWords } from './chats/search.ts'
import { accountSeed, cardOf, ownerOf } from './identity.ts'
import { openLink, publicUrl } from './links/open.ts'
import { errorFacts } from './log.ts'
import { within } from './net/deadline.ts'
import type { Core, CoreDeps, CoreEvent } from './parts.ts'
import { pathCalls } from './path-calls.ts'
import { pathView } from './path-view.ts'
import { isSecret } from './secret/book.ts'
import { createSecret } from './secret/index.ts'
import { createSettings } from './settings.ts'

const ANSWER_MS = 20_000
const SOON_MS = 1000

/** Starts nothing by itself, except that it clears files whose handing over a crash had cut short. */
export function createCore({ version, store, identity, practice, witness, clock, random, log, bundle, parts }: CoreDeps): Core {
  const { reach, diagnosis, history } = parts
  const { link } = reach
  const owner = ownerOf(identity)
  const told = createEvents<CoreEvent>()
  const closing = new AbortController()
  // A name and its payload belong together by the signature of `Emit`; the union of pairs cannot follow that.
  const emit = <E extends EventName>(name: E, payload: EventPayload<E>) => told.emit({ name, payload } as CoreEvent)
  const settings = createSettings(store.values)
  const chats = createChats({ store, owner, link, settings, emit, clock, random, log })
  const { ledger, contacts, messages, receipts, typing, spool, downloads } = chats
  const secret = createSecret({
    store,
    witness,
    owner,
    identity,
    link,
    emit,
    clock,
    random,
    log,
    met: (handle, key) => ledger.write(() => contacts.met(handle, key)) !== null,
    readingShown: () => settings.get().receiptsShown,
  })
  const path = () => pathView(reach.state(), diagnosis.verdicts())
  const done = {}

  /** One question to the relay that the user waits for; asked again where it was only too soon. */
  const ask = async <K extends RequestName>(name: K, input: RequestInput<K>): Promise<Extract<RequestOutput<K>, { ok: true }>> => {
    const answer = await within(clock, ANSWER_MS, closing.signal, async (signal) => {
      for (;;) {
        const said = await link.request(name, input, signal)
        if (said.ok || said.code !== 'rate-limited') return said
        await sleep(clock, said.retryMs ?? SOON_MS, signal)
      }
    })
    if (!answer.ok) throw new BackendError('refused', answer.code)
    // `ok` has just been found true.
    return answer as Extract<RequestOutput<K>, { ok: true }>
  }

  const handlers: CoreHandlers = {
    'self.get': async () => ({ handle: owner.handle, key: owner.key, card: cardOf(owner), practice }),
    'account.export': async ({ passphrase }) => {
      const cards = contacts.list().flatMap(({ handle, key, source }) => (source === 'card' ? [`${handle}:${key}`] : []))
      return { text: sealAccount({ handle: owner.handle, seed: accountSeed(store), cards }, passphrase, random) }
    },
    'settings.get': async () => settings.get(),
    'settings.set': async (changes) => {
      const chosen = settings.set(changes)
      if (!chosen.receiptsShown) receipts.forgetUntold()
      reach.chooseStandby(chosen.standby)
      emit('settings.changed', chosen)
      return chosen
    },

    'contact.list': async () => contacts.list(),
    'contact.add': async ({ card }) => contacts.add(card),

    'chat.list': async () => [...contacts.chats(), ...secret.chats()],
    'chat.read': async ({ chatId, order }) => {
      if (isSecret(chatId)) secret.read(chatId, order)
      else receipts.read(chatId, order)
      return done
    },
    'draft.set': async ({ chatId, text }) => {
      if (isSecret(chatId)) secret.setDraft(chatId, text)
      else contacts.setDraft(chatId, text)
      return done
    },
    'typing.set': async ({ chatId }) => {
      // In a secret chat nobody is told: the relay would hear it too.
      if (!isSecret(chatId)) typing.set(chatId)
      return done
    },

    'message.list': async (input) => (isSecret(input.chatId) ? secret.list(input) : messages.list(input)),
    'message.send': async (input) => {
      if (isSecret(input.chatId)) return secret.send(input)
      const message = messages.send(input)
      chats.sendSoon()
      return message
    },
    'message.retry': async ({ id }) => {
      if (secret.has(id)) return secret.retry(id)
      const message = messages.retry(id)
      chats.sendSoon()
      return message
    },
    'message.discard': async ({ id }) => {
      if (secret.has(id)) {
        secret.discard(id)
        return done
      }
      const { chatId } = messages.discard(id)
      emit('message.removed', { id, chatId })
      return done
    },
    'message.search': async ({ query, chatId }) => {
      const words = searchWords(query)
      if (words.length === 0) return []
      const cloud = chatId !== undefined && isSecret(chatId) ? [] : searchMessages(ledger, words, chatId)
      const sealed = chatId !== undefined && !isSecret(chatId) ? [] : secret.search(words, chatId)
      return [...cloud, ...sealed].sort((a, b) => b.at - a.at)
    },

    'file.begin': async (input) => {
      if (isSecret(input.chatId)) return secret.files.begin(input)
      if (input.once) throw new BackendError('refused', 'seen once is for secret chats')
      return spool.begin(input)
    },
    'file.append': async (input) => {
      if (secret.files.owns(input.fileId)) secret.files.append(input)
      else spool.append(input)
      return done
    },
    'file.finish': async ({ fileId }) => {
      if (secret.files.owns(fileId)) return secret.files.finish(fileId)
      const message = spool.finish(fileId)
      chats.sendSoon()
      return message
    },
    'file.cancel': async ({ fileId }) => {
      if (secret.files.owns(fileId)) secret.files.cancel(fileId)
      else spool.cancel(fileId)
      return done
    },
    'file.fetch': async ({ messageId }) => {
      if (secret.has(messageId)) return secret.files.fetch(messageId)
      downloads.want(messageId)
      return ledger.message(ledger.row({ id: messageId }))
    },
    'file.read': async (input) => (secret.has(input.messageId) ? secret.files.read(input) : spool.read(input)),

    'secret.start': async ({ handle }) => secret.start(handle),
    'secret.accept': async ({ chatId }) => {
      secret.accept(chatId)
      return secret.summary(chatId)
    },
    'secret.decline': async ({ chatId }) => {
      secret.decline(chatId)
      return secret.summary(chatId)
    },
    'secret.end': async ({ chatId }) => {
      secret.end(chatId)
      return secret.summary(chatId)
    },
    'secret.timer': async ({ chatId, ttl }) => {
      secret.setTimer(chatId, ttl)
      return secret.summary(chatId)
    },
    'secret.seen': async ({ chatId, ids }) => {
      secret.seen(chatId, ids)
      return done
    },
    'secret.viewed': async ({ chatId, id }) => {
      secret.viewed(chatId, id)
      return done
    },
    'secret.remove': async ({ chatId, ids }) => {
      secret.remove(chatId, ids)
      return done
    },
    'secret.safety': async ({ chatId }) => secret.safety(chatId),
    'secret.compared': async ({ chatId, same }) => {
      secret.compared(chatId, same)
      return secret.summary(chatId)
    },
    'secret.compare': async ({ chatId }) => {
      secret.compare(chatId)
      return secret.summary(chatId)
    },
    'secret.acceptKeys': async ({ chatId }) => {
      secret.acceptKeys(chatId)
      return secret.summary(chatId)
    },
    'secret.atRelay': async ({ chatId }) => (isSecret(chatId) ? secret.atRelay(chatId) : messages.atRelay(chatId)),

    'link.publish': async (page) => {
      const { slug } = await ask('link.publish', page)
      const url = publicUrl(bundle(), slug)
      if (url === null) throw new BackendError('refused', 'this relay serves no public pages')
      return { url }
    },
    'link.open': async ({ url, bypass }) => openLink({ bundle, link, check: diagnosis.checkLink, clock, log }, url, bypass, closing.signal),

    ...pathCalls({ parts, bundle, log, version, path }),

    'relay.holdings': async () => {
      const { holdings } = await ask('account.holdings', {})
      const parsed = v.safeParse(Holdings, holdings)
      if (!parsed.success) throw new BackendError('refused', 'the answer has another shape')
      return parsed.output
    },
  }

  const undo = [
    reach.onState(() => emit('path.changed', path())),
    diagnosis.onVerdicts(() => emit('path.changed', path())),
    diagnosis.onProgress((progress) => emit('probe.changed', { progress })),
    history.onHistory(() => emit('history.changed', history.history())),
    reach.bundles.onState(() => emit('bundle.changed', reach.bundles.state())),
  ]

  return {
    card: cardOf(owner),
    handlers,
    onEvent: told.on,
    serve(port) {
      const served = serve(contract, port, handlers, (name, error) => log.warn('bug in a call', { name, ...errorFacts(error) }))
      // `serve` checks nothing on the way out: the screens' end does.
      const stop = told.on(({ name, payload }) => served.emit(name, payload))
      port.onClose(stop)
    },
    start() {
      reach.chooseStandby(settings.get().standby)
      reach.start()
      diagnosis.start()
    },
    async close() {
      closing.abort(new BackendError('closed'))
      for (const stop of undo) stop()
      chats.close()
      secret.close()
      diagnosis.close()
      history.close()
      await reach.close()
      store.close()
    },
  }
}
