/** The one sheet that is open, if any. */
import { AccountDialog } from '../features/account/account-dialog.tsx'
import { AddPersonDialog } from '../features/contacts/add-person.tsx'
import { OwnCardDialog } from '../features/contacts/own-card.tsx'
import { LinkSheet } from '../features/links/link-sheet.tsx'
import { SearchDialog } from '../features/search/search-dialog.tsx'
import { SettingsDialog } from '../features/settings/settings-dialog.tsx'
import { useApp, useDispatch } from '../state/backend.ts'
import { HelpDialog } from './help-dialog.tsx'

export function Sheets() {
  const dispatch = useDispatch()
  const sheet = useApp((state) => state.sheet)
  const link = useApp((state) => state.link)
  const openChat = useApp((state) => state.openChat)
  const onClose = () => dispatch({ type: 'sheet.opened', sheet: null })
  if (link !== null) return <LinkSheet key={link} url={link} />
  switch (sheet) {
    case null:
      return null
    case 'add':
      return <AddPersonDialog onClose={onClose} />
    case 'card':
      return <OwnCardDialog onClose={onClose} />
    case 'account':
      return <AccountDialog onClose={onClose} />
    case 'settings':
      return <SettingsDialog onClose={onClose} />
    case 'help':
      return <HelpDialog onClose={onClose} />
    case 'search':
      return <SearchDialog chatId={null} onClose={onClose} />
    case 'find':
      return <SearchDialog chatId={openChat} onClose={onClose} />
  }
}
