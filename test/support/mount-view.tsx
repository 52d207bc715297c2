/** Shows one view in a page made of memory, over the fake engine, with the texts of the language asked for. */
import { act, cleanup, configure, render, screen, waitFor } from '@testing-library/react'
import i18next from 'i18next'
import type { ReactNode } from 'react'
import { afterEach } from 'vitest'
import { setLocale, startI18n } from '../../renderer/src/i18n/i18n.ts'
import { AppProvider } from '../../renderer/src/state/backend.ts'
import { startSession } from '../../renderer/src/state/session.ts'
import { createAppStore } from '../../renderer/src/state/store.ts'
import { AnnouncerProvider } from '../../renderer/src/ui/announcer.tsx'
import { connectFake, type FakeOptions } from './fake-backend.ts'

// The page made of memory has no popovers to hide; a real one is in the journeys.
HTMLElement.prototype.hidePopover ??= () => {}

// A second is too little where the machine is busy.
configure({ asyncUtilTimeout: 15_000 })

const undo: (() => void)[] = []
afterEach(() => {
  cleanup()
  for (const stop of undo.splice(0)) stop()
})

/** Resolves once the engine's first snapshot has arrived. */
export async function mountView(view: ReactNode, options: FakeOptions = {}, locale: 'en' | 'fa' | 'pseudo' = 'en') {
  if (i18next.isInitialized) await setLocale(locale)
  else startI18n(locale)
  const fake = connectFake(options)
  const { store, dispatch } = createAppStore()
  undo.push(startSession(fake.backend, store, dispatch))
  await waitFor(() => {
    const { hello, path, lab } = store.getState()
    if (!hello || !path || (hello.groups.includes('lab') && !lab)) throw new Error('no snapshot yet')
  })
  const context = { backend: fake.backend, store, dispatch }
  const framed = (inner: ReactNode) => (
    <AppProvider value={context}>
      <AnnouncerProvider>{inner}</AnnouncerProvider>
    </AppProvider>
  )
  const shown = render(framed(view))
  const rerender = (next: ReactNode) => shown.rerender(framed(next))
  const asked = (name: string) => fake.calls.filter((call) => call.name === name).map((call) => call.input)
  return { ...shown, rerender, fake, store, dispatch, asked }
}

/** Opens a menu as the browser would, for the page made of memory has no popovers. */
export function openMenu(name: string): void {
  const list = screen.getByRole('menu', { name, hidden: true })
  act(() => void list.dispatchEvent(Object.assign(new Event('beforetoggle'), { newState: 'open' })))
}
