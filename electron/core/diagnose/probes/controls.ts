/** Strangers, to compare with: by literal address, two of them by their certificates, one by name. Without them nothing is claimed. */
import type { ControlEntry } from '../../../../shared/protocol/bundle.ts'
import { lookUp } from './names.ts'
import { type ProbeDeps, shuffled, start } from './parts.ts'

export async function compare(deps: ProbeDeps, controls: readonly ControlEntry[], signal: AbortSignal): Promise<void> {
  const [named] = controls
  const greeted = new Set(ofTwoProviders(controls))
  const met = await Promise.all([
    named ? lookUp(deps, { plane: 'chat', name: named.host, resolver: 'system', role: 'control' }, signal).then(() => true) : true,
    ...shuffled(controls, deps.random).map((control) => askStranger(deps, control, greeted.has(control), signal)),
  ])
  // A portal answers in place of strangers too, so it is asked for only where one of them did not prove himself.
  if (met.every((isWell) => isWell) || signal.aborted) return
  await Promise.all([...greeted].map((control) => askPortal(deps, control, signal)))
}

/** The last question of a round is an easy one: who fails it has lost the line meanwhile. */
export async function closeWithControl(deps: ProbeDeps, controls: readonly ControlEntry[], signal: AbortSignal): Promise<void> {
  const [control] = shuffled(controls, deps.random)
  if (control && !signal.aborted) await askStranger(deps, control, false, signal)
}

/** Resolves with whether he was reached, and proved himself if that was asked for. */
async function askStranger(deps: ProbeDeps, control: ControlEntry, byCertificate: boolean, signal: AbortSignal): Promise<boolean> {
  const { senses, clock, observe } = deps
  const { id, host, address, port, provider } = control
  const seen = { plane: 'chat', role: 'control', endpoint: id, provider, address, source: 'bundle' } as const
  const from = start(clock)
  const { at } = from()
  const onQuiet = (ms: number) => !signal.aborted && observe({ t: 'tcp', at, ms, ...seen, port, outcome: { kind: 'timeout' } })
  if (!byCertificate) {
    const outcome = await senses.reach(address, port, signal, onQuiet)
    if (!signal.aborted) observe({ t: 'tcp', ...from(), ...seen, port, outcome })
    return outcome.kind === 'connected'
  }
  const { tcp, tls } = await senses.greet(
    { address, port, sni: host, host },
    { onQuiet: (step, ms) => step === 'tcp' && onQuiet(ms) },
    signal,
  )
  if (signal.aborted) return false
  observe({ t: 'tcp', at, ...seen, port, ...tcp })
  if (tls) observe({ t: 'tls', at: at + tcp.ms, ...seen, sni: host, ...tls })
  return tls?.outcome.kind === 'established'
}

async function askPortal({ senses, clock, observe }: ProbeDeps, { id, host, address }: ControlEntry, signal: AbortSignal): Promise<void> {
  const from = start(clock)
  const outcome = await senses.portal(address, host, signal)
  if (!signal.aborted) observe({ t: 'portal', ...from(), plane: 'chat', role: 'control', endpoint: id, address, outcome })
}

function ofTwoProviders(controls: readonly ControlEntry[]): readonly ControlEntry[] {
  const [first] = controls
  const other = controls.find(({ provider }) => provider !== first?.provider)
  return [first, other].filter((control) => control !== undefined)
}
