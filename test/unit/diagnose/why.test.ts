/** What would change a finding: computed by the same function, so that supposing it and seeing it come to the same. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Observation } from '../../../electron/core/diagnose/observation.ts'
import { whyOf } from '../../../electron/core/diagnose/why.ts'
import en from '../../../renderer/src/i18n/en/path.json'
import { root } from '../../support/app-program.ts'
import {
  answer,
  context,
  FALSE_PAGE,
  hello,
  LINKS,
  linksProven,
  local,
  OWN,
  strangerAnswers,
  strangerElsewhereAnswers,
  tcp,
  tls,
} from './scenes.ts'

const silent = (n: number) => Array.from({ length: n }, (_, i) => tcp('timeout', { ms: 3500, at: context.now - 5000 - i * 700 }))
const shop = { id: 'shop', host: 'shop.test', address: '240.3.0.50', port: 443, provider: 'cloud-b', domestic: false }
const controls = [...context.controls, shop]
const others = [strangerAnswers, strangerElsewhereAnswers, local()]
const why = (plane: 'chat' | 'links', observations: readonly Observation[]) =>
  whyOf({ observations, context: { ...context, controls } }, plane)
const change = (what: string, { changes }: ReturnType<typeof whyOf>) => changes.find((one) => one.what === what)

describe('why', () => {
  test('names the rule that decided, and what would undo it', () => {
    const dropped = why('chat', [...silent(5), ...others])
    expect(dropped.rule).toBe('T5')
    expect(change('proves-itself', dropped)).toMatchObject({ about: OWN[0], kind: 'ok' })
    expect(change('fails-elsewhere', dropped)).toMatchObject({ kind: 'service_fault', place: 'service' })
    expect(change('answers-elsewhere', dropped)).toMatchObject({ kind: 'interference', mechanisms: ['ip_drop'], word: 'confirmed' })
    expect(change('nobody-answers', dropped)).toMatchObject({ kind: 'offline' })
  })

  test('says what is missing to be surer: that it is seen again', () => {
    const once = why('chat', [tcp('refused'), ...others])
    expect(once.rule).toBe('T3')
    expect(['likely', 'confirmed']).toContain(change('answers-elsewhere', once)?.word)
  })

  test('of a false lookup, that the true answer would end it, and that without a comparison less would be said', () => {
    const lie = why('links', [
      answer([FALSE_PAGE]),
      linksProven,
      tls({ kind: 'reset' }, { plane: 'links', endpoint: 'links', address: FALSE_PAGE, sni: 'x.test', source: 'system' }),
      ...others,
    ])
    expect(lie.rule).toBe('D5')
    expect(change('lookup-true', lie)).toMatchObject({ about: 'x.test', kind: 'ok' })
    expect(change('answers-elsewhere', lie)).toBeUndefined()
  })

  test('of what is fine, what would make it trouble', () => {
    const fine = why('chat', [
      tcp('connected'),
      tls({ kind: 'established' }),
      hello({ kind: 'proven' }, { at: context.now - 500 }),
      answer([OWN[0]], { plane: 'chat', name: 'chat.x.test' }),
      ...others,
    ])
    expect(fine.rule).toBe('H0')
    expect(change('falls-silent', fine)).toMatchObject({ kind: 'interference', mechanisms: ['ip_drop'] })
    expect(change('lookup-false', fine)).toMatchObject({ kind: 'interference', mechanisms: ['dns_bogon'] })
  })

  test('claims no rule where nothing is claimed', () => {
    expect(why('links', [answer([LINKS])])).toMatchObject({ rule: null })
  })

  test('has a sentence for every rule there is', () => {
    const folder = join(root, 'electron', 'core', 'diagnose')
    const sources = [...readdirSync(join(folder, 'rules')).map((file) => join('rules', file)), 'verdict.ts']
    const rules = sources.flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/'([A-Z]\d{1,2}[a-z]?)'/g)].map(([, rule]) => rule),
    )
    expect(rules.length).toBeGreaterThan(40)
    for (const rule of rules) expect(Object.keys(en)).toContain(`rule.${rule}`)
  })
})
