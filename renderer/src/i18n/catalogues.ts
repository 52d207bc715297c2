/**
 * Every text on screen: one file per area and language. English is the measure: its keys are the types that `t()` accepts.
 * Keys are flat; values are whole sentences with i18next plurals (`_one`, `_other`) and `{{name}}`, `{{count, number}}`.
 */
import bridge from './en/bridge.json'
import chats from './en/chats.json'
import common from './en/common.json'
import emoji from './en/emoji.json'
import header from './en/header.json'
import lab from './en/lab.json'
import links from './en/links.json'
import path from './en/path.json'
import relay from './en/relay.json'
import secret from './en/secret.json'
import settings from './en/settings.json'
import tour from './en/tour.json'
import workbench from './en/workbench.json'
import faBridge from './fa/bridge.json'
import faChats from './fa/chats.json'
import faCommon from './fa/common.json'
import faEmoji from './fa/emoji.json'
import faHeader from './fa/header.json'
import faLab from './fa/lab.json'
import faLinks from './fa/links.json'
import faPath from './fa/path.json'
import faRelay from './fa/relay.json'
import faSecret from './fa/secret.json'
import faSettings from './fa/settings.json'
import faTour from './fa/tour.json'
import faWorkbench from './fa/workbench.json'
import { pseudoCatalogue } from './pseudo.ts'

export const en = { common, chats, header, links, settings, tour, path, lab, relay, secret, emoji, workbench, bridge }

/** Right to left. A key missing here falls back to English; the tests name it. */
const fa = {
  common: faCommon,
  chats: faChats,
  header: faHeader,
  links: faLinks,
  settings: faSettings,
  tour: faTour,
  path: faPath,
  lab: faLab,
  relay: faRelay,
  secret: faSecret,
  emoji: faEmoji,
  workbench: faWorkbench,
  bridge: faBridge,
}

const pseudo = Object.fromEntries(Object.entries(en).map(([area, catalogue]) => [area, pseudoCatalogue(catalogue)]))

export const catalogues = { en, fa, pseudo }
export type Locale = keyof typeof catalogues

export const rightToLeft: readonly Locale[] = ['fa']
