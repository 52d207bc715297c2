/** The icon of secret chats: an envelope that was sealed. Not a padlock, which every web page has. */
import { createLucideIcon } from 'lucide-react'

export const SealedEnvelope = createLucideIcon('SealedEnvelope', [
  ['path', { d: 'M2.5 5.5h19v14h-19z', key: 'paper' }],
  ['path', { d: 'm2.5 5.5 7.3 6.4M21.5 5.5l-7.3 6.4', key: 'flap' }],
  ['circle', { cx: '12', cy: '13.5', r: '2.75', key: 'seal' }],
])
