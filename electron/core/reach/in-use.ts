/** The way that carries the chat now, and as the screens know it. */
import type { PathState } from '../../../shared/contract/path.ts'
import type { Candidate } from './candidates.ts'

export interface InUse {
  readonly candidate: Candidate
  readonly connectMs: number
  readonly since: number
}

export function routeOf({ candidate, connectMs, since }: InUse): NonNullable<PathState['route']> {
  const { text, endpoint, kind, proxy } = candidate
  return { recipe: text, endpoint: endpoint.id, kind, ...(proxy ? { proxyId: proxy.id } : {}), connectMs, since }
}
