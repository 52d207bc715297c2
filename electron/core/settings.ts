/** What the user chose. Kept as one value; an unknown or broken one counts as not chosen. */
import * as v from 'valibot'
import { Settings } from '../../shared/contract/api.ts'
import type { ValueStore } from './store/values.ts'

const KEY = 'settings'

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  enterSends: true,
  typingShown: true,
  receiptsShown: true,
  autoLock: 0,
  standby: 'auto',
  tourStep: 0,
}

export interface SettingsBook {
  get(): Settings
  /** What is absent or `undefined` stays. */
  set(changes: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Settings
}

export function createSettings(values: ValueStore): SettingsBook {
  let current = { ...defaultSettings, ...read(values.get(KEY)) }
  return {
    get: () => current,
    set(changes) {
      const chosen = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
      current = v.parse(Settings, { ...current, ...chosen })
      values.set(KEY, JSON.stringify(current))
      return current
    },
  }
}

function read(text: string | null): Partial<Settings> {
  if (text === null) return {}
  try {
    const parsed = v.safeParse(v.partial(Settings), JSON.parse(text))
    return parsed.success ? JSON.parse(JSON.stringify(parsed.output)) : {}
  } catch {
    return {}
  }
}
