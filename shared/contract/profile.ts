/** What the screens know about the lock of this profile (docs/THREAT-MODEL.md, "At rest"). */
import * as v from 'valibot'

/** Shorter ones are taken too, after a word about it. */
export const SHORT_PASSPHRASE = 8
export const Passphrase = v.pipe(v.string(), v.minLength(1), v.maxLength(1024))

/** Minutes without input after which the screens lock; 0: never by itself. */
export const autoLockMinutes = [0, 5, 15, 60] as const
export const AutoLock = v.picklist(autoLockMinutes)

export const Profile = v.strictObject({
  /** Nothing of the chats is told, and nothing is done, before the passphrase was given. */
  locked: v.boolean(),
  /** It is the passphrase of an account file that is waited for: this profile is new here. */
  bringing: v.boolean(),
  /** A passphrase is set: the store's key lies behind it. */
  passphrase: v.boolean(),
  /** What keeps the store's key besides: a file beside it; the system's keychain; one that any program of this user can read. */
  keeper: v.picklist(['file', 'keychain', 'weak-keychain']),
})
export type Profile = v.InferOutput<typeof Profile>
