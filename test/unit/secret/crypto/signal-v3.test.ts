/** Signal's published scripts, through our ratchet with another suite: the outside check of its order and its keys. */
import * as v from 'valibot'
import { expect, it } from 'vitest'
import { type KeyPair, x25519Pair } from '../../../../electron/core/secret/crypto/x25519.ts'
import type { Random } from '../../../../shared/util/random.ts'
import { answer, begin, type Content, decodeContent, decrypt, encodeContent, encrypt, readFirst, type Session } from './signal-v3.ts'
import { hex, toHex, vectors } from './vectors.ts'

const Key = v.pipe(v.string(), v.transform(hex))
const TypedKey = v.pipe(
  v.string(),
  v.transform((text) => hex(text).slice(1)),
)
const Send = v.object({
  smsText: v.optional(v.string()),
  endSession: v.optional(v.boolean()),
  ourBaseKey: v.optional(Key),
  ourEphemeralKey: v.optional(Key),
  ourIdentityKey: v.optional(Key),
  registrationId: v.optional(v.number()),
  getKeys: v.optional(
    v.object({
      identityKey: TypedKey,
      devices: v.tuple([
        v.object({
          preKey: v.object({ keyId: v.number(), publicKey: TypedKey }),
          signedPreKey: v.object({ keyId: v.number(), publicKey: TypedKey }),
        }),
      ]),
    }),
  ),
  expectedCiphertext: v.string(),
})
const Receive = v.object({
  message: Key,
  type: v.picklist([1, 3]),
  ourPreKey: v.optional(Key),
  ourSignedPreKey: v.optional(Key),
  ourIdentityKey: v.optional(Key),
  newEphemeralKey: v.optional(Key),
  expectedSmsText: v.optional(v.string()),
  expectTerminateSession: v.optional(v.boolean()),
})
const Scripts = v.object({
  tests: v.array(
    v.object({
      name: v.string(),
      vectors: v.array(v.union([v.tuple([v.literal('sendMessage'), Send]), v.tuple([v.literal('receiveMessage'), Receive])])),
    }),
  ),
})

const need = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('the script lacks a value')
  return value
}
const pair = (secret: Uint8Array | undefined): KeyPair => x25519Pair(need(secret))

/** One device that follows a script; newest session first. */
function actor() {
  const sessions: { session: Session; pending: Uint8Array | undefined }[] = []
  const only = (key: Uint8Array | undefined): Random => ({ bytes: () => need(key), fraction: () => 0 })
  return {
    send(step: v.InferOutput<typeof Send>): string {
      if (step.ourBaseKey) {
        const { identityKey, devices } = need(step.getKeys)
        const [{ preKey, signedPreKey }] = devices
        const session = begin({
          identity: pair(step.ourIdentityKey),
          base: pair(step.ourBaseKey),
          registrationId: need(step.registrationId),
          theirs: {
            identity: identityKey,
            signed: signedPreKey.publicKey,
            signedId: signedPreKey.keyId,
            oneTime: preKey.publicKey,
            oneTimeId: preKey.keyId,
          },
        })
        sessions.unshift({ session, pending: step.ourEphemeralKey })
      }
      const current = need(sessions[0])
      const content: Content = step.endSession ? { endSession: true } : { text: need(step.smsText) }
      const { session, bytes } = encrypt(current.session, encodeContent(content), only(current.pending))
      sessions[0] = { session, pending: current.pending }
      return toHex(bytes)
    },
    receive(step: v.InferOutput<typeof Receive>): Content {
      const first = step.type === 3 ? readFirst(step.message) : null
      let index = first ? sessions.findIndex(({ session }) => toHex(session.base) === toHex(first.base)) : 0
      if (first && index < 0) {
        const keys = { identity: pair(step.ourIdentityKey), signed: pair(step.ourSignedPreKey), oneTime: pair(step.ourPreKey) }
        sessions.unshift({ session: answer(keys, first), pending: undefined })
        index = 0
      }
      const at = need(sessions[index])
      const { session, plain } = decrypt(at.session, first ? first.message : step.message)
      sessions[index] = { session, pending: step.newEphemeralKey ?? at.pending }
      return decodeContent(plain)
    },
  }
}

it('follows every one of the 15 scripts, to the byte', () => {
  const { tests } = vectors('signal_protocol_v3_session.json', Scripts)
  expect(tests).toHaveLength(15)
  for (const { name, vectors: steps } of tests) {
    const device = actor()
    for (const [i, [kind, step]] of steps.entries()) {
      const label = `${name}, step ${i + 1}`
      if (kind === 'sendMessage') expect(device.send(step), label).toBe(step.expectedCiphertext)
      else
        expect(device.receive(step), label).toMatchObject(
          step.expectTerminateSession ? { endSession: true } : { text: step.expectedSmsText },
        )
    }
  }
})
