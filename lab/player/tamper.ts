/** The counter-proof: a scenario with its rules left out, or one mechanism put in place of another. */
import * as v from 'valibot'
import { BackendError } from '../../shared/contract/errors.ts'
import { Gate } from '../../shared/contract/lab.ts'
import { Act, type Rule } from '../censor/rule.ts'

export interface Tampering {
  readonly removeRules: boolean
  readonly swap: { readonly from: string; readonly to: string } | null
}

/** Throws `BackendError('bad-input')` for a mechanism there is not. */
export function tamper(rule: Rule, { removeRules, swap }: Tampering): Rule | null {
  if (removeRules) return null
  return swap && rule.act.do === swap.from ? { ...rule, act: actFor(swap.to) } : rule
}

/** Throws `BackendError('bad-input')` unless both mechanisms exist. */
export function checkTampering({ swap }: Tampering): void {
  for (const name of swap ? [swap.from, swap.to] : []) {
    if (!v.is(Gate.entries.act, name)) throw new BackendError('bad-input', `no mechanism "${name}"`)
  }
}

/** What a mechanism needs beyond its name. */
function actFor(name: string): Act {
  const more: Record<string, object> = {
    lie: { addresses: ['240.77.252.152'] },
    inject: { addresses: ['240.77.252.152'] },
    throttle: { kbps: 140 },
    freeze: { afterBytes: 16_384 },
    blockpage: { status: 403 },
    intercept: { ca: 'own' },
    allowlist: { prefixes: [] },
    // Any machine that is there.
    reroute: { to: '240.31.200.20' },
  }
  return v.parse(Act, { do: name, ...more[name] })
}
