/** Every finding has a whole sentence in both languages, in words a person knows. */
import i18next from 'i18next'
import { beforeAll, describe, expect, it } from 'vitest'
import { meanings, seenNotStored } from '../../../relay/store/meanings.ts'
import { catalogues } from '../../../renderer/src/i18n/catalogues.ts'
import { findingKeys, reasonKey } from '../../../renderer/src/ui/line/finding-words.ts'
import { controlCodes, type EvidenceCode, evidenceCodes } from '../../../shared/contract/evidence-codes.ts'
import { actionCodes, exposureCodes, mechanisms, planes, verdictKinds } from '../../../shared/contract/path.ts'
import { evidence, verdict } from '../../support/path-fixtures.ts'

const mine = ['path', 'lab', 'relay'] as const

beforeAll(async () => {
  await i18next.init({ lng: 'en', resources: catalogues, ns: [...mine], keySeparator: false })
})

const say = (key: string, language: 'en' | 'fa') => i18next.getFixedT(language, 'path')(key as 'title')
const isSentence = (text: string) => /^[\p{L}\p{N}].*[.؟?]$/su.test(text)

describe('the words of the Path view', () => {
  it('has a sentence for every plane, kind and mechanism, suspected or confirmed', () => {
    for (const plane of planes) {
      for (const kind of verdictKinds) {
        for (const named of [[], ...mechanisms.map((mechanism) => [mechanism])]) {
          for (const word of ['suspected', 'confirmed'] as const) {
            const keys = findingKeys(verdict({ plane, kind, mechanisms: named, word, evidence: [evidence({ code: 'tcp-silent' })] }))
            expect(keys.length).toBeGreaterThan(0)
            for (const key of keys) {
              expect(isSentence(say(key, 'en')), `${key}: ${say(key, 'en')}`).toBe(true)
              expect(isSentence(say(key, 'fa')), `${key}: ${say(key, 'fa')}`).toBe(true)
            }
          }
        }
      }
    }
  })

  it('says each mechanism of a mixed finding, but not what a more exact one has said already', () => {
    const keys = (...named: (typeof mechanisms)[number][]) =>
      findingKeys(verdict({ plane: 'chat', kind: 'interference', mechanisms: named }))
    expect(keys('dns_lie', 'sni_reset')).toEqual(['finding.chat.dns_lie', 'finding.chat.sni_reset'])
    expect(keys('ip_drop', 'prefix_block')).toEqual(['finding.chat.prefix_block'])
  })

  it('says that strangers are silent too only where some were seen to be', () => {
    const told = (...codes: EvidenceCode[]) =>
      findingKeys(
        verdict({ plane: 'chat', kind: 'interference', mechanisms: ['prefix_block'], evidence: codes.map((code) => evidence({ code })) }),
      )
    expect(told('tcp-ours-in-range-silent')).toEqual(['finding.chat.ip_drop'])
    expect(told('tcp-ours-in-range-silent', 'tcp-range-silent')).toEqual(['finding.chat.prefix_block'])
  })
  it('tells a dead link from a link that leads nowhere, and not yet checked from not understood', () => {
    expect(findingKeys(verdict({ plane: 'chat', kind: 'offline', place: 'device' }))).toEqual(['finding.chat.offline'])
    expect(findingKeys(verdict({ plane: 'chat', kind: 'offline', place: 'network' }))).toEqual(['finding.chat.offline.beyond'])
    expect(findingKeys(verdict({ plane: 'links', kind: 'inconclusive' }))).toEqual(['finding.links.unchecked'])
  })

  it('uses the sentences fixed for the historic cases', () => {
    expect(say('finding.links.dns_lie.suspected', 'en')).toBe("This network's name lookup gives an address we did not expect.")
    expect(say('finding.chat.ip_drop', 'en')).toBe("This network drops everything sent to the relay's address. Other places answer.")
    expect(say('finding.chat.prefix_block', 'en')).toBe(
      "A whole range of one cloud is silent from here, strangers' services included. Other clouds answer.",
    )
  })

  it('has a sentence for every code of evidence, comparison, action and exposure', () => {
    const groups = { evidence: evidenceCodes, control: controlCodes, action: actionCodes, exposure: exposureCodes }
    for (const [group, codes] of Object.entries(groups)) {
      for (const code of codes) expect(isSentence(say(`${group}.${code}`, 'en')), `${group}.${code}`).toBe(true)
    }
  })

  it('has a sentence for every reason an attempt can fail, known or not', () => {
    for (const reason of [
      'timeout',
      'reset',
      'refused',
      'unreachable',
      'certificate',
      'closed',
      'unproven',
      'denied',
      'proxy-refused',
      'superseded',
      'dns-nxdomain',
      'dns-timeout',
    ]) {
      expect(reasonKey(reason)).not.toBe('reason.other')
      expect(isSentence(say(reasonKey(reason), 'en'))).toBe(true)
    }
    expect(reasonKey('something-new')).toBe('reason.other')
  })

  it('names every table the relay has and every thing it sees', () => {
    expect(Object.keys(meanings).filter((table) => !(`table.${table}` in catalogues.en.relay))).toEqual([])
    expect(seenNotStored.filter((code) => !(`seen.${code}` in catalogues.en.relay))).toEqual([])
  })

  it('translates every text, with the same placeholders', () => {
    const holes = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((match) => match[1]).sort()
    for (const area of mine) {
      const [en, fa]: Record<string, string>[] = [catalogues.en[area], catalogues.fa[area]]
      expect(Object.keys(fa ?? {}).sort()).toEqual(Object.keys(en ?? {}).sort())
      for (const [key, text] of Object.entries(en ?? {})) expect(holes(fa?.[key] ?? ''), key).toEqual(holes(text))
    }
  })

  it('never takes more than twenty words for a sentence', () => {
    for (const area of mine) {
      const long = Object.entries(catalogues.en[area]).filter(([, text]) =>
        text.split(/[.?:] /).some((sentence) => sentence.split(/\s+/).length > 20),
      )
      expect(long).toEqual([])
    }
  })
})
