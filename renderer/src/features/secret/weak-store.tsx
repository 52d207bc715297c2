/** Before the first secret chat: that this computer does not keep its key well, where it does not. Said once. */
import { useTranslation } from 'react-i18next'
import { useApp } from '../../state/backend.ts'
import { Warning } from '../../ui/warning.tsx'

export function WeakStore() {
  const { t } = useTranslation('secret')
  const profile = useApp((state) => state.profile)
  const isFirst = useApp((state) => !Object.values(state.chats ?? {}).some(({ secret }) => secret && secret.state !== 'asked'))
  if (!profile || profile.passphrase || profile.keeper === 'keychain' || !isFirst) return null
  return <Warning>{t(`weakStore.${profile.keeper}`)}</Warning>
}
