/** The whole app over the fake engine. What it shows is chosen by the query: path, lab, lang, theme, tour, empty, fresh, link,
 * many, secret, lock (locked, set, file, weak). The engine is `window.fake`, to let things happen by hand. */
import { createRoot } from 'react-dom/client'
import { App } from '../../../renderer/src/app/app.tsx'
import { chooseLocale, startI18n } from '../../../renderer/src/i18n/i18n.ts'
import type { LinkOutcome, Message } from '../../../shared/contract/chat.ts'
import { createFakeBackend } from '../fake-backend.ts'
import { labAtRest, labInMoscow } from '../lab-states.ts'
import * as paths from '../path-states.ts'
import { secretWorld } from './secret-world.ts'

const query = new URLSearchParams(location.search)

/** States are written for one moment; here they are about now. */
function sinceNow<T>(value: T): T {
  const shift = Date.now() - paths.NOW
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) =>
    typeof inner === 'number' && /^(at|since|readyAt|raceAt|nextTryAt|startedAt|computedAt)$/.test(key) ? inner + shift : inner,
  )
}

const states = {
  fine: paths.fine,
  starting: paths.starting,
  searching: paths.searching,
  detour: paths.detour,
  switched: paths.cutAndSwitched,
  returning: paths.returning,
  lookup: paths.lookupLies,
  links: paths.linksOnly,
  offline: paths.offline,
  unknown: paths.cannot('inconclusive'),
}
const locks = {
  locked: { locked: true, passphrase: true, passphraseIs: 'open' },
  set: { passphrase: true, passphraseIs: 'open' },
  file: { keeper: 'file' },
  weak: { keeper: 'weak-keychain' },
} as const
const links: Record<string, (url: string) => LinkOutcome> = {
  stopped: (url) => ({ outcome: 'stopped', url, reason: 'false-address', canBypass: true }),
  reader: (url) => ({
    outcome: 'reader',
    url,
    title: 'Ridge walk, Saturday',
    text: 'Train at 9:40 from the main station.\n\nUp past the chapel, soup at the hut, down on the far side. Bring the stove.',
    author: 'bob',
    by: 'other-lookup',
  }),
}

/** A long chat with Bob, to scroll in. */
const many = Array.from(
  { length: Number(query.get('many') ?? 0) },
  (_, index): Message => ({
    id: `20000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
    chatId: 'cloud:bob',
    from: index % 3 ? 'bob' : 'alice',
    mine: index % 3 === 0,
    body: { kind: 'text', text: `${index + 1}. ${'Up past the chapel and down on the other side. '.repeat(1 + ((index * 7) % 5))}` },
    at: Date.now() - (2000 - index) * 240_000,
    order: index + 1,
    delivery: index % 3 === 0 ? { state: 'read' } : null,
  }),
)

const path = states[query.get('path') as keyof typeof states] ?? paths.fine
const lab = query.get('lab')
const language = query.get('lang') as 'en' | 'fa' | 'pseudo' | null
const link = links[query.get('link') ?? '']
const fake = createFakeBackend({
  path: sinceNow(lab === 'real' ? { ...path, network: { ...path.network, kind: 'real' as const } } : path),
  lab: lab === 'real' ? null : sinceNow(lab === 'moscow' ? labInMoscow : labAtRest),
  empty: query.has('empty'),
  fresh: query.has('fresh'),
  ...secretWorld(query.get('secret')),
  profile: locks[query.get('lock') as keyof typeof locks] ?? {},
  ...(many.length > 0 && { messages: many }),
  ...(link && { link: (url: string, bypass: boolean) => (bypass ? (links.reader?.(url) ?? link(url)) : link(url)) }),
  settings: {
    language: language ?? 'system',
    theme: (query.get('theme') as 'light' | 'dark' | null) ?? 'system',
    tourStep: query.has('tour') ? Number(query.get('tour')) : 9,
  },
})

Object.assign(window, { fake })
startI18n(chooseLocale(language ?? 'system', navigator.languages))
const root = document.getElementById('root')
if (root) {
  createRoot(root).render(<App shell={{ open: () => Promise.resolve({ port: fake.port, closedBecause: () => 'gone' }) }} />)
}
