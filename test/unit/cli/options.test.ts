/** What is typed is checked before anything starts, and every refusal is a sentence, never a crash. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseCommand } from '../../../electron/cli/chat-command.ts'
import { parseRequired, parseTampering } from '../../../electron/cli/lab-run-command.ts'
import {
  parseAdvertise,
  parseHostPort,
  parseMap,
  parseNetwork,
  parsePlanes,
  parsePositive,
  parseSeed,
} from '../../../electron/cli/options.ts'
import { exitCodeOf, isSettled, sayReport } from '../../../electron/cli/probe-command.ts'
import { offerOf } from '../../../electron/cli/relay-command.ts'
import { parseStartFlags } from '../../../electron/host/start-flags.ts'
import { UsageError } from '../../../electron/host/usage-error.ts'
import type { Verdict } from '../../../shared/contract/path.ts'

describe('probe', () => {
  it('looks at some planes only, and refuses what is none', () => {
    expect(parsePlanes('chat,links')).toEqual(['chat', 'links'])
    for (const wrong of ['', 'chat,', 'Chat', 'chat links']) expect(() => parsePlanes(wrong), wrong).toThrow(UsageError)
  })

  it('looks for an hour at most', () => {
    expect([parsePositive('0.5', '--timeout', 3600), parsePositive('3600', '--timeout', 3600)]).toEqual([0.5, 3600])
    for (const wrong of ['0', '-1', 'soon', '1e3', '', '3600.1', '99999999999'])
      expect(() => parsePositive(wrong, '--timeout', 3600), wrong).toThrow(UsageError)
  })

  it('says to people what each plane came to, and what decided', () => {
    const evidence = [
      { rule: 'T5', layer: 'tcp', code: 'tcp-silent', facts: { address: '240.1.0.10' }, control: 'strangers', level: 'scored', at: 0 },
    ] as const
    const dropped = {
      kind: 'interference',
      mechanisms: ['ip_drop'],
      confidence: 0.9,
      word: 'confirmed',
      place: 'way',
      evidence: [...evidence],
      ms: 9,
    } as const
    const lines = sayReport({
      test_name: 'throughline',
      measurement_start_time: '2026-05-13 09:12:44',
      test_runtime: 4.2,
      planes: { chat: { ...dropped, mechanisms: ['ip_drop'], evidence: [...evidence] } },
      attempts: [],
      path: null,
      timed_out: true,
      unsettled: ['links'],
      exit_code: 3,
    })
    expect(lines).toEqual([
      'chat       interference ip_drop (confirmed, on the way)',
      '           T5  tcp-silent  beside: strangers  address=240.1.0.10',
      'Nothing carries.',
      'Time was up after 4.2 s; not yet settled: links.',
    ])
  })
})

describe('addresses', () => {
  it('are HOST:PORT, with brackets around IPv6', () => {
    expect(parseHostPort('127.0.0.1:443', '--listen')).toEqual({ host: '127.0.0.1', port: 443 })
    expect(parseHostPort('[2001:db8::1]:8443', '--listen')).toEqual({ host: '2001:db8::1', port: 8443 })
    for (const wrong of ['', 'x', ':1', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536', '127.0.0.1:-1', '::1:443', '[x]:1', 'a b:1'])
      expect(() => parseHostPort(wrong, '--listen'), wrong).toThrow(UsageError)
  })

  it('of the lab stand for real local servers', () => {
    expect(parseMap('240.1.2.3:443=127.0.0.1:8443')).toEqual({ address: '240.1.2.3', port: 443, host: '127.0.0.1', toPort: 8443 })
    for (const wrong of ['240.1.2.3:443', 'name:443=127.0.0.1:1', '240.1.2.3:443=127.0.0.1:1=x'])
      expect(() => parseMap(wrong)).toThrow(UsageError)
  })

  it('of a relay are told under a name', () => {
    expect(parseAdvertise('chat.example=192.0.2.1,2001:db8::1')).toEqual({ name: 'chat.example', addresses: ['192.0.2.1', '2001:db8::1'] })
    for (const wrong of ['chat.example', 'chat.example=', 'chat.example=host', '=1.2.3.4', 'A b=1.2.3.4'])
      expect(() => parseAdvertise(wrong)).toThrow(UsageError)
  })
})

describe('a network', () => {
  it('is the system’s, or a place in a lab that runs somewhere', () => {
    expect(parseNetwork({ network: 'system' }, 'cli')).toEqual({ kind: 'system' })
    expect(parseNetwork({ network: 'lab:fr-a', lab: '127.0.0.1:9' }, 'cli')).toEqual({
      kind: 'lab',
      address: '127.0.0.1:9',
      client: 'cli',
      vantage: 'fr-a',
    })
    for (const wrong of [
      { network: 'lab:fr-a' },
      { network: 'lab:', lab: '127.0.0.1:9' },
      { network: 'other' },
      { network: 'system', lab: '127.0.0.1:9' },
      { network: 'lab:fr-a', lab: 'x' },
      { network: 'lab:fr-a', lab: '192.0.2.1:9' },
    ])
      expect(() => parseNetwork(wrong, 'cli')).toThrow(UsageError)
  })
})

describe('what a relay offers', () => {
  it('is every plane under its name, or nothing when no name was given', () => {
    expect(offerOf('0.0.0.0', 443, ['chat.example=198.51.100.7']).endpoints.map(({ plane, host, port }) => [plane, host, port])).toEqual(
      ['bootstrap', 'chat', 'media', 'links', 'web'].map((plane) => [plane, 'chat.example', 443]),
    )
    expect(offerOf('127.0.0.1', 0, []).endpoints).toEqual([])
  })

  it('counts special-purpose ranges as false answers, but not the one it lies in itself', () => {
    const { bogons } = offerOf('0.0.0.0', 443, ['chat.example=192.168.1.5'])
    expect(bogons).toContain('10.0.0.0/8')
    expect(bogons).not.toContain('192.168.0.0/16')
  })

  it('must say how to reach it when it listens everywhere', () => {
    expect(() => offerOf('0.0.0.0', 443, [])).toThrow(UsageError)
    expect(() => offerOf('127.0.0.1', 0, ['chat.example=127.0.0.1'])).toThrow(UsageError)
  })
})

describe('other options', () => {
  it('name the required parts, a seed, a tampering', () => {
    expect(parseRequired('truth, delivery')).toEqual(['truth', 'delivery'])
    expect(() => parseRequired('truth,speed')).toThrow(UsageError)
    expect(parseSeed('4294967295')).toBe(4294967295)
    for (const wrong of ['', '-1', '1.5', 'x', '4294967296', '0x1']) expect(() => parseSeed(wrong)).toThrow(UsageError)
    expect(parseTampering({})).toBeNull()
    expect(parseTampering({ removeRules: true })).toEqual({ removeRules: true, swap: null })
    expect(parseTampering({ swap: 'lie=drop' })).toEqual({ removeRules: false, swap: { from: 'lie', to: 'drop' } })
    expect(() => parseTampering({ swap: 'lie' })).toThrow(UsageError)
  })

  it('of npm start are users, fresh, browser and bundle', () => {
    expect(parseStartFlags([])).toMatchObject({ users: ['alice', 'bob'], browser: false, fresh: false, bundle: null })
    expect(parseStartFlags(['--users', 'Alice, bob,carol', '--fresh', '--bundle', 'b.json'])).toMatchObject({
      users: ['alice', 'bob', 'carol'],
      fresh: true,
      bundle: 'b.json',
    })
    for (const wrong of [['--users', 'a'], ['--users', 'alice,alice'], ['--users', ''], ['--what'], ['extra'], ['--users']])
      expect(() => parseStartFlags(wrong), wrong.join(' ')).toThrow(UsageError)
  })

  it('are refused with a sentence, whatever they hold', () => {
    const parsers = [
      (text: string) => parseHostPort(text, '--x'),
      parseMap,
      parseAdvertise,
      parseSeed,
      parseRequired,
      (text: string) => parseStartFlags([text]),
    ]
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV4().map((ip) => `${ip}:1=`),
          fc.ipV6().map((ip) => `[${ip}]:9`),
        ),
        (text) => {
          for (const parse of parsers) {
            try {
              parse(text)
            } catch (error) {
              expect(error).toBeInstanceOf(UsageError)
            }
          }
        },
      ),
    )
  })
})

describe('the exit code of a diagnosis', () => {
  const verdict = (kind: Verdict['kind'], word: Verdict['word'] = 'confirmed', plane: Verdict['plane'] = 'chat'): Verdict => ({
    plane,
    kind,
    word,
    mechanisms: [],
    confidence: 0,
    place: null,
    evidence: [],
    actions: [],
    exposure: [],
    at: 0,
    since: 0,
  })
  const said = (...list: Verdict['kind'][]) => ({ status: 'connected' as const, verdicts: list.map((kind) => verdict(kind)) })

  it('is 0 when all is well, 3 for interference, 4 for another fault, 5 when undecided', () => {
    expect(exitCodeOf(said('ok', 'ok'))).toBe(0)
    expect(exitCodeOf(said('ok', 'interference', 'service_fault', 'inconclusive'))).toBe(3)
    expect(exitCodeOf(said('ok', 'offline', 'inconclusive'))).toBe(4)
    expect(exitCodeOf(said('ok', 'inconclusive'))).toBe(5)
    expect(exitCodeOf(said())).toBe(5)
  })

  it('is not 0 while messages seem well and nothing carries them', () => {
    expect(exitCodeOf({ status: 'looking', verdicts: [verdict('ok')] })).toBe(5)
    expect(exitCodeOf({ status: 'looking', verdicts: [verdict('ok', 'confirmed', 'links')] })).toBe(0)
  })

  it('waits until every plane is decided', () => {
    const status = 'connected'
    expect(isSettled({ status, verdicts: [] })).toBe(false)
    expect(isSettled({ status, verdicts: [verdict('ok', 'likely')] })).toBe(true)
    expect(isSettled({ status, verdicts: [verdict('interference', 'confirmed')] })).toBe(true)
    expect(isSettled({ status, verdicts: [verdict('ok', 'confirmed'), verdict('interference', 'likely')] })).toBe(false)
    expect(isSettled({ status, verdicts: [verdict('inconclusive', 'confirmed')] })).toBe(false)
    expect(isSettled({ status: 'looking', verdicts: [verdict('ok', 'confirmed')] })).toBe(false)
    expect(isSettled({ status: 'looking', verdicts: [verdict('interference', 'confirmed')] })).toBe(true)
  })
})

it('a line of chat input that is no command is refused, whatever it is', () => {
  for (const line of [
    '',
    '{',
    '[]',
    'null',
    '{"cmd":"send"}',
    '{"cmd":"send","to":"BOB","text":"x"}',
    '{"cmd":"quit","more":1}',
    '{"cmd":"__proto__"}',
  ])
    expect(parseCommand(line), line).toBeNull()
  expect(parseCommand('{"cmd":"send","to":"bob","text":"x"}')).toEqual({ cmd: 'send', to: 'bob', text: 'x' })
})
