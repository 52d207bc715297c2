/** Words of the workbench that hang on data: options, units, and what is wrong at a field or in a file. */
import { useTranslation } from 'react-i18next'
import type { FieldFault, ScenarioFault } from '../../../../../shared/contract/workbench.ts'
import type { SettingName, Unit } from '../../../../../shared/contract/workbench-mechanisms.ts'

/** Keys are made of codes the contract lists; a test looks that each has its words. */
function useWords(): (key: string, facts?: Readonly<Record<string, string | number>>) => string {
  const { t } = useTranslation('workbench')
  return (key, facts = {}) => t(key, { defaultValue: key, ...facts })
}

export function useOption(): (setting: SettingName, option: string) => string {
  const words = useWords()
  return (setting, option) => words(`opt.${setting}.${option}`)
}

export function useUnit(): (unit: Unit) => string {
  const words = useWords()
  return (unit) => (unit === 'count' ? '' : words(`unit.${unit}`))
}

export function useFaultWords(): (fault: FieldFault) => string {
  const words = useWords()
  return ({ code, facts }) => words(`fault.${code}`, facts)
}

/** What is wrong in a file, without the line. */
export function useFileFault(): (fault: Pick<ScenarioFault, 'code' | 'facts'>) => string {
  const words = useWords()
  return ({ code, facts }) => {
    const what = String(facts.what)
    const own =
      code === 'syntax' ? words(`syntax.${what}`) : code === 'type' ? words(`type.${what}`) : code === 'form' ? words(`form.${what}`) : ''
    return words(`file.${code}`, { ...facts, words: own })
  }
}
