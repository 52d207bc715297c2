/** The security checks of the engine of secret chats, as in secret.ts, each with the test files that must notice. */
import type { Mutation } from './secret.ts'

export interface EngineMutation extends Mutation {
  /** Below test/unit/secret/engine. */
  readonly by: readonly string[]
}

/** `file` is below electron/core/secret. */
export const engineMutations: readonly EngineMutation[] = [
  {
    name: 'engine: writes on after keys changed',
    file: 'writing.ts',
    from: "if (state !== 'waiting' && state !== 'secured')",
    to: 'if (false)',
    by: ['comparing'],
  },
  {
    name: 'engine: changed keys not noticed',
    file: 'threads.ts',
    from: 'const isOther = chat?.identity != null && chat.identity !== identityText(state.peer)',
    to: 'const isOther = false',
    by: ['comparing'],
  },
  {
    name: 'engine: request shown before it is accepted',
    file: 'writing.ts',
    from: "if (book.chat(chatId).state === 'asked') return",
    to: 'if (false) return',
    by: ['story'],
  },
  {
    name: 'engine: resets without an hour between',
    file: 'resetting.ts',
    from: 'const EVERY_MS = 3_600_000',
    to: 'const EVERY_MS = 0',
    by: ['reset'],
  },
  { name: 'engine: restored copy not noticed', file: 'index.ts', from: 'if (generation.isOlder)', to: 'if (false)', by: ['rollback'] },
  {
    name: 'engine: witness written before the store',
    file: 'generation.ts',
    from: 'isOlder: seen !== null && seen > known',
    to: 'isOlder: seen !== null && seen >= known',
    by: ['rollback'],
  },
  {
    name: 'engine: version not pinned',
    file: 'incoming.ts',
    from: 'const isOlder = chat !== undefined && versionOf(packet) < chat.version',
    to: 'const isOlder = false',
    by: ['receipts', 'reset', 'comparing', 'missing', 'rollback', 'story'],
  },
  {
    name: 'engine: what went comes back',
    file: 'items.ts',
    from: 'if (book.has(id) || repeating.isPast(id))',
    to: 'if (book.has(id))',
    by: ['reset', 'vanish'],
  },
  {
    name: 'engine: answers without a limit',
    file: 'repeating.ts',
    from: 'const MAX_ANSWERED = 1000',
    to: 'const MAX_ANSWERED = 1_000_000',
    by: ['missing'],
  },
  { name: 'engine: gaps asked for at once', file: 'gaps.ts', from: 'const WAIT_MS = 120_000', to: 'const WAIT_MS = 0', by: ['missing'] },
  {
    name: 'engine: first packet replayed',
    file: 'incoming.ts',
    from: "if (id && store.get('SELECT 1 AS here FROM secret_begun WHERE id = ?', [new Uint8Array(id)])) return",
    to: '',
    by: ['comparing', 'story', 'reset', 'anything'],
  },
  {
    name: 'engine: own packets taken',
    file: 'incoming.ts',
    from: 'if (sealed.from === book.owner.handle)',
    to: 'if (false)',
    by: ['comparing', 'story'],
  },
  {
    name: 'engine: clock set back prolongs',
    file: 'deadline-clock.ts',
    from: 'highest = Math.max(highest, clock.now(), base + (clock.monotonic() - startedAt))',
    to: 'highest = clock.now()',
    by: ['vanish'],
  },
  { name: 'engine: removed but not scrubbed', file: 'removing.ts', from: 'scrub()\n', to: '\n', by: ['vanish'] },
]
