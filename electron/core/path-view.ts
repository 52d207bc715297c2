/** The Path view's one record: what reach reports, with diagnosis' verdicts, and for each what the app did about it and what that showed to whom. */
import type { PathState, Plane, Verdict } from '../../shared/contract/path.ts'

export type RouteState = Omit<PathState, 'verdicts'>
export type Finding = Omit<Verdict, 'actions' | 'exposure'>

export function pathView(state: RouteState, findings: readonly Finding[]): PathState {
  const verdicts = findings.map((finding) => ({ ...finding, actions: actionsOn(finding, state), exposure: exposureOf(finding, state) }))
  return { ...state, verdicts }
}

/** Planes that the connection to the relay itself carries; the others are asked for by requests of their own. */
const carried: readonly Plane[] = ['bootstrap', 'chat']

function actionsOn(finding: Finding, { route }: RouteState): Verdict['actions'] {
  if (finding.kind === 'ok') return []
  if (carried.includes(finding.plane)) {
    if (!route) return ['waiting']
    switch (route.kind) {
      case 'plain':
        return []
      case 'address':
        return ['other-address']
      case 'disguise':
        return ['disguise']
      case 'sibling':
        return ['sibling']
      case 'proxy':
        return ['proxy']
    }
  }
  return finding.plane === 'links' && liesAboutNames(finding) ? ['other-lookup'] : []
}

function exposureOf(finding: Finding, { route }: RouteState): Verdict['exposure'] {
  if (finding.kind === 'ok') return []
  const exposure: Verdict['exposure'] = []
  if (liesAboutNames(finding)) {
    exposure.push('resolver-saw-name')
    if (finding.evidence.some((line) => line.control === 'other-lookup-differs')) exposure.push('public-lookup-saw-name')
  }
  if (finding.mechanisms.some((mechanism) => mechanism.startsWith('sni_'))) exposure.push('way-saw-name')
  if (carried.includes(finding.plane) && route?.kind === 'proxy') exposure.push('proxy-sees-address')
  return exposure
}

const liesAboutNames = (finding: Finding) => finding.mechanisms.some((mechanism) => mechanism.startsWith('dns_'))
