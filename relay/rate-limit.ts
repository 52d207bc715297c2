/** A token bucket for each device. */

export interface RateLimit {
  /** Requests a second, in the long run. */
  readonly perSecond: number
  /** Requests at once after a silence. */
  readonly burst: number
}

/** Far above what a person does, and low enough that one device cannot take the relay from the others. */
export const DEFAULT_RATE: RateLimit = { perSecond: 200, burst: 2000 }
/** A second of tokens, so that who comes back gets through with more than one request. */
const WAIT_MS = 1000

interface Bucket {
  tokens: number
  at: number
}

export class RateLimiter {
  readonly #limit: RateLimit
  readonly #buckets = new Map<number, Bucket>()
  #prunedAt = 0

  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  /** Takes `cost` tokens of this device. 0 when granted, else the milliseconds it should wait. `now` is monotonic. */
  take(device: number, cost: number, now: number): number {
    const { perSecond, burst } = this.#limit
    const bucket = this.#buckets.get(device) ?? { tokens: burst, at: now }
    this.#buckets.set(device, bucket)
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond)
    bucket.at = now
    if (bucket.tokens < cost) return WAIT_MS
    bucket.tokens -= cost
    return 0
  }

  /** Forgets devices whose bucket is full again. */
  prune(now: number): void {
    const { perSecond, burst } = this.#limit
    const fillMs = (burst / perSecond) * 1000
    if (now - this.#prunedAt < fillMs) return
    this.#prunedAt = now
    for (const [device, bucket] of this.#buckets) {
      if (now - bucket.at > fillMs) this.#buckets.delete(device)
    }
  }
}
