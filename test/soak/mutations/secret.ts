/**
 * The security checks of secret chats, each with the edit that switches it off. An edit whose text is not found any more fails
 * the run: whoever rewrites a check moves its mutation along.
 */

export interface Mutation {
  /** What is no longer so. */
  readonly name: string
  /** Below electron/core/secret/crypto. */
  readonly file: string
  readonly from: string
  readonly to: string
}

export const mutations: readonly Mutation[] = [
  { name: 'commitment not compared', file: 'suite.ts', from: 'if (!equal(commitment, expected)) return null', to: '' },
  { name: 'body not bound to th', file: 'suite.ts', from: "fields('SC1 body', th,", to: "fields('SC1 body'," },
  { name: 'body not bound to direction', file: 'suite.ts', from: 'th, Uint8Array.of(direction), front', to: 'th, front' },
  {
    name: 'body not bound to front',
    file: 'suite.ts',
    from: 'Uint8Array.of(direction), front, header',
    to: 'Uint8Array.of(direction), header',
  },
  { name: 'body not bound to header', file: 'suite.ts', from: 'front, header, commitment)', to: 'front, commitment)' },
  { name: 'header not bound to th', file: 'suite.ts', from: "fields('SC1 header', th)", to: "fields('SC1 header')" },
  { name: 'N and PN unbounded', file: 'suite.ts', from: 'header.pn < MAX_NUMBER && header.n < MAX_NUMBER &&', to: '' },
  { name: 'non-canonical ratchet key', file: 'suite.ts', from: '&& isCanonicalPoint(header.dh)', to: '' },
  { name: 'reserved bytes ignored', file: 'suite.ts', from: 'return reserved &&', to: 'return true &&' },
  { name: 'skip unlimited', file: 'ratchet.ts', from: 'end - next > MAX_SKIP', to: 'false' },
  { name: 'skipped key kept after use', file: 'ratchet.ts', from: 'skipped.delete(n)', to: '' },
  { name: 'skipped never forgotten by age', file: 'ratchet.ts', from: 'if (isOld(found, now))', to: 'if (false)' },
  { name: 'lost by number not told', file: 'ratchet.ts', from: 'first <= n && n < end', to: 'false' },
  {
    name: 'lost by age not told',
    file: 'ratchet.ts',
    from: "if (isOld(found, now)) return 'lost'",
    to: "if (isOld(found, now)) return 'duplicate'",
  },
  { name: 'runs of lost unlimited', file: 'ratchet.ts', from: 'while (lost.length > MAX_LOST_RUNS)', to: 'while (false)' },
  { name: 'no cap on stored', file: 'ratchet.ts', from: 'young.slice(Math.max(0, young.length - room))', to: 'young' },
  { name: 'old chains unlimited', file: 'ratchet.ts', from: 'ratchet.chains.slice(0, MAX_OLD_CHAINS)', to: 'ratchet.chains' },
  { name: 'PN may go back', file: 'ratchet.ts', from: "if (current && header.pn < current.next) return 'impossible'", to: '' },
  { name: 'dh of a chain not checked', file: 'ratchet.ts', from: ' || !equal(chain.dh, dh)', to: '' },
  { name: 'step without a pair', file: 'ratchet.ts', from: 'const next = ratchet.pair && open', to: 'const next = open' },
  {
    name: 'old pair kept',
    file: 'ratchet.ts',
    from: '    pair: null,\n    sending: null,\n    previous: sending',
    to: '    pair,\n    sending: null,\n    previous: sending',
  },
  {
    name: 'chain key not advanced on send',
    file: 'ratchet.ts',
    from: 'sending: { ...sending, key: chain, n: sending.n + 1 }',
    to: 'sending: { ...sending, n: sending.n + 1 }',
  },
  {
    name: 'ended chain keeps its key',
    file: 'ratchet.ts',
    from: 'newest.base - previous.base, now), key: null }',
    to: 'newest.base - previous.base, now) }',
  },
  {
    name: 'epoch secret not mixed',
    file: 'suite.ts',
    from: 'const secret = fresh ? concat(agreed, fresh.secret) : agreed',
    to: 'const secret = agreed',
  },
  { name: 'binding not mixed', file: 'suite.ts', from: 'fields(ROOT, u32(epoch), fresh.binding)', to: 'fields(ROOT, u32(epoch))' },
  {
    name: 'any epoch taken',
    file: 'rekeying.ts',
    from: "epoch === rekeying.epoch + 1 && rekeying.step.kind === 'answered' ? mixed(rekeying, rekeying.step.fresh) : null",
    to: "rekeying.step.kind === 'answered' ? mixed(rekeying, rekeying.step.fresh) : { mix: { epoch, fresh: null }, rekeying }",
  },
  { name: 'role of re-keying not checked', file: 'rekeying.ts', from: 'if (isAnswer !== initiator) return null', to: '' },
  { name: 'next epoch not checked', file: 'rekeying.ts', from: 'if (kem.epoch !== rekeying.epoch + 1) return null', to: '' },
  { name: 'old epoch not ignored', file: 'rekeying.ts', from: 'if (kem.epoch <= rekeying.epoch) return counted', to: '' },
  { name: 'KEM key not checked', file: 'rekeying.ts', from: "isKemKey(key) ? { kind: 'asked', key } : null", to: "{ kind: 'asked', key }" },
  {
    name: 'second offer taken',
    file: 'rekeying.ts',
    from: 'return equal(step.keyHash, hash(32, key)) ? { ...step, owed: true } : null',
    to: 'return { ...step, owed: true }',
  },
  { name: 'second offer while asked', file: 'rekeying.ts', from: 'return equal(step.key, key) ? step : null', to: 'return step' },
  {
    name: 'offer not repeated',
    file: 'rekeying.ts',
    from: "if (step.kind === 'offered' && first)",
    to: "if (step.kind === 'offered' && first && false)",
  },
  { name: 'rekey count', file: 'rekeying.ts', from: 'REKEY_MESSAGES = 50', to: 'REKEY_MESSAGES = 500' },
  { name: 'rekey day', file: 'rekeying.ts', from: 'REKEY_MS = 24 * 3600', to: 'REKEY_MS = 48 * 3600' },
  {
    name: 'certificate not checked in bundle',
    file: 'prekeys.ts',
    from: 'if (!isCertified(identity, bundle.certificate.created, fromBase64Url(bundle.certificate.signature)))',
    to: 'if (false)',
  },
  {
    name: 'prekey signature not checked',
    file: 'prekeys.ts',
    from: 'if (!verify(PREKEY, signedParts(type, identity, prekey, key), fromBase64Url(prekey.signature), identity.signing))',
    to: 'if (false)',
  },
  { name: 'prekey type not signed', file: 'prekeys.ts', from: '[Uint8Array.of(type), handle,', to: '[handle,' },
  { name: 'expiry ignored', file: 'prekeys.ts', from: 'if (now > prekey.expires + GRACE_MS)', to: 'if (false)' },
  { name: 'no grace', file: 'prekeys.ts', from: 'prekey.expires + GRACE_MS', to: 'prekey.expires' },
  {
    name: 'prekey from the future taken',
    file: 'prekeys.ts',
    from: 'if (prekey.created > now + GRACE_MS)',
    to: 'if (false)',
  },
  { name: 'no grace for the future', file: 'prekeys.ts', from: 'prekey.created > now + GRACE_MS', to: 'prekey.created > now' },
  { name: 'own device taken (bundle)', file: 'prekeys.ts', from: 'if (isSameDevice(identity, own))', to: 'if (false)' },
  { name: 'own device taken (first)', file: 'handshake.ts', from: 'if (isSameDevice(from, device.identity))', to: 'if (false)' },
  {
    name: 'certificate not checked in first',
    file: 'handshake.ts',
    from: 'if (!isCertified(peer, prelude.created, prelude.certificate))',
    to: 'if (false)',
  },
  { name: 'suite not checked', file: 'packet.ts', from: '(kind === FIRST && suite !== SUITE)', to: 'false' },
  { name: 'version not checked', file: 'packet.ts', from: 'version !== VERSION || (kind', to: '(kind' },
  { name: 'newer not told (session)', file: 'session.ts', from: "if (isNewer(bytes)) return { result: 'newer' }", to: '' },
  { name: 'newer not told (first)', file: 'handshake.ts', from: 'if (isNewer(packet))', to: 'if (false)' },
  { name: 'newer suite not told', file: 'packet.ts', from: ' || (version === VERSION && kind === FIRST && suite > SUITE)', to: '' },
  { name: 'too far not told (first)', file: 'handshake.ts', from: "isFar ? 'too-far' : 'bad-packet'", to: "'bad-packet'" },
  { name: 'prelude taken by initiator', file: 'session.ts', from: '(packet.prelude && state.initiator)', to: 'false' },
  {
    name: 'transcript without the KEM key',
    file: 'handshake.ts',
    from: '      kem,\n      ciphertext,\n    ),',
    to: '      ciphertext,\n    ),',
  },
  { name: 'transcript without identities', file: 'handshake.ts', from: '      ...partyFields(initiator),\n', to: '' },
  {
    name: 'no one-time agreement',
    file: 'handshake.ts',
    from: '...(oneTime ? [agree(oneTime, prelude.ephemeral)] : [])',
    to: '',
  },
  { name: 'no KEM secret', file: 'handshake.ts', from: 'deriveKeys(th, [...agreements, secret])', to: 'deriveKeys(th, agreements)' },
  {
    name: 'zero agreement taken',
    file: 'x25519.ts',
    from: 'export const agree: Agree = isNative ? nativeAgree : wasmAgree',
    to: 'export const agree: Agree = (own, key) => { try { return nativeAgree(own, key) } catch { return new Uint8Array(32) } }',
  },
  { name: 'padding not checked', file: 'padding.ts', from: 'padded.length !== paddedLength(used)', to: 'false' },
  { name: 'padding dirt taken', file: 'padding.ts', from: 'padded.subarray(used).every((byte) => byte === 0)', to: 'true' },
  { name: 'previous body not compared', file: 'session.ts', from: '!equal(body.previous, state.lastOpened)', to: 'false' },
  { name: 'body limit', file: 'body.ts', from: 'if (padded.length > MAX_BODY_BYTES)', to: 'if (false)' },
  {
    name: 'header nonce fixed',
    file: 'suite.ts',
    from: 'const nonce = random.bytes(AEAD_NONCE_BYTES)',
    to: 'random.bytes(AEAD_NONCE_BYTES)\n  const nonce = new Uint8Array(AEAD_NONCE_BYTES)',
  },
  { name: 'decode accepts a tail', file: 'session-bytes.ts', from: 'if (!from.isDone())', to: 'if (false)' },
  {
    name: 'device keys not checked',
    file: 'device.ts',
    from: 'if (!isCertified(identity, certificate.created, fromBase64Url(certificate.signature)))',
    to: 'if (false)',
  },
  {
    name: 'safety without the device',
    file: 'safety.ts',
    from: "fields('SC1 number', handle, account, device, signing, agreement)",
    to: "fields('SC1 number', handle, account, signing, agreement)",
  },
  { name: 'emoji without th', file: 'emoji.ts', from: 'hkdf(th, concat(a, b)', to: 'hkdf(new Uint8Array(64), concat(a, b)' },
]
