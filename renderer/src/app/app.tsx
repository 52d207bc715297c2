/** The whole page: the connection to the engine, and one page each for the ways it can be missing. */
import type { Shell } from '../shell/shell.ts'
import { AppProvider } from '../state/backend.ts'
import { useConnection } from './connection.ts'
import { Frame } from './frame.tsx'
import { ClosedPage, OpeningPage } from './pages.tsx'

export function App({ shell }: { shell: Shell }) {
  const { connection, again } = useConnection(shell)
  switch (connection.state) {
    case 'opening':
      return <OpeningPage />
    case 'closed':
      return <ClosedPage because={connection.because} onAgain={again} />
    case 'open':
      return (
        <AppProvider value={connection.session}>
          <Frame />
        </AppProvider>
      )
  }
}
