/** Keeps a fault in drawing one part from taking the rest of the window with it. */
import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'
import { Empty } from './empty.tsx'

interface BoundaryProps {
  children: ReactNode
  /** Another value is another thing to draw: the fault is forgotten. */
  of: string
}

export class ErrorBoundary extends Component<BoundaryProps, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidUpdate(before: BoundaryProps) {
    if (before.of !== this.props.of) this.setState({ failed: false })
  }

  override render() {
    return this.state.failed ? <Failed onAgain={() => this.setState({ failed: false })} /> : this.props.children
  }
}

function Failed({ onAgain }: { onAgain: () => void }) {
  const { t } = useTranslation()
  return <Empty action={<Button onClick={onAgain}>{t('drawAgain')}</Button>}>{t('paneFailed')}</Empty>
}
