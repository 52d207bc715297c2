/** One random world again, with all that was said in it. */
import { randomScenario } from '../../../lab/player/random-scenario.ts'
import { openAuthorities, playOn } from './stage.ts'

export async function showWorld(seed: number, say: (line: string) => void): Promise<void> {
  const { scenario, made, truth } = randomScenario(seed)
  say(made.join('; '))
  for (const { plane, kinds, mechanisms, places } of truth)
    say(`${plane}: ${kinds.join(' or ')} ${mechanisms.join(' or ')} ${places.join(' or ')}`)
  const { moments, cost } = await playOn(scenario, { rttMs: 80, loss: 0 }, seed, await openAuthorities())
  for (const { atMs, verdicts } of moments)
    say(
      `${String(atMs).padStart(7)} ms  ${verdicts.map(({ plane, kind, mechanisms, word }) => `${plane}: ${[kind, ...mechanisms, word].join(' ')}`).join('; ')}`,
    )
  say(JSON.stringify(cost))
}
