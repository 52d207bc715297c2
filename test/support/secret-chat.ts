/** A secret chat as its people find it in their windows. */
import { type AppWindow, reads } from './app-window.ts'

export const press = (window: AppWindow, name: string) => window.page.getByRole('button', { name, exact: true }).click()
/** Says in which state the open secret chat is. */
export const stateBar = (window: AppWindow) => window.page.getByRole('region', { name: 'State of this secret chat' })

/** From the cloud chat that is open, to where one can write. */
export async function askFor(window: AppWindow, peer: string): Promise<void> {
  await press(window, 'Secret')
  await window.dialog.getByRole('button', { name: 'Start' }).click()
  await reads(stateBar(window), `Waiting for ${peer} to accept`)
}

/** Somebody asks; this window says yes. */
export async function accept(window: AppWindow, peer: string): Promise<void> {
  await window.secretRow(peer).getByRole('button').click()
  await press(window, 'Accept here')
}
