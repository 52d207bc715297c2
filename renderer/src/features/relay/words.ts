/** Names and sentences for the relay's own words; `null` for those a newer relay may have and this app does not know. */
import en from '../../i18n/en/relay.json'

type RelayKey = keyof typeof en
const isKey = (key: string): key is RelayKey => key in en
const known = (key: string): RelayKey | null => (isKey(key) ? key : null)

export const tableKey = (table: string) => known(`table.${table}`)
export const seenKey = (code: string) => known(`seen.${code}`)
