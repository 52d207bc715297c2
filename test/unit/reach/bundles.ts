/** Small bundles and shards by a few keys, for tests of what becomes of them. */
import type { Bundle } from '../../../shared/protocol/bundle.ts'
import type { Shard } from '../../../shared/protocol/bundle-shard.ts'
import { toBase64Url } from '../../../shared/util/bytes.ts'
import { type SigningKey, signingKeyFromSeed } from '../../../shared/util/signing.ts'

const keyOf = (seed: number) => signingKeyFromSeed(new Uint8Array(32).fill(seed))
/** `ours` and `second` sign; `third` comes later; `theirs` is somebody else. */
export const keys = { ours: keyOf(1), second: keyOf(2), third: keyOf(3), theirs: keyOf(9) }
export const nameOf = (key: SigningKey): string => toBase64Url(key.publicKey)

export const bundleOf = (changes: Partial<Bundle>): Bundle => ({
  format: 1,
  version: 1,
  notBefore: 0,
  expires: 1_000_000,
  relayKey: nameOf(keys.ours),
  signers: [nameOf(keys.ours), nameOf(keys.second)],
  roots: [],
  endpoints: [{ id: 'a', plane: 'chat', host: 'chat.test', port: 443, addresses: ['240.16.0.10'], provider: 'alpha' }],
  proxies: [],
  doh: [],
  controls: [],
  bogons: [],
  ...changes,
})

export const shardOf = (changes: Partial<Shard>): Shard => ({
  format: 1,
  shard: 'friends-7',
  version: 1,
  notBefore: 0,
  expires: 1_000_000,
  endpoints: [],
  proxies: [{ id: 'quiet', kind: 'socks5', address: '240.32.0.7', port: 1080 }],
  doh: [],
  mirrors: [],
  ...changes,
})
