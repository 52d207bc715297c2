// @vitest-environment happy-dom
/** Routes, memory, the file for others and the bridge, as a person decides about them. */
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { PathView } from '../../../renderer/src/features/path/view.tsx'
import type { PathState } from '../../../shared/contract/path.ts'
import { bridgeOff, bridgeOn } from '../../support/bridge-states.ts'
import { mountView, openMenu } from '../../support/mount-view.tsx'
import { NOW, quietPath, russiaPath } from '../../support/path-fixtures.ts'

const region = (name: string) => within(screen.getByRole('region', { name }))
const [plain, , bridge, own] = russiaPath.routes.map(({ recipe }) => recipe)
const decided = (recipe: string | undefined, choice: 'pinned' | 'banned'): PathState => ({
  ...russiaPath,
  routes: russiaPath.routes.map((route) => (route.recipe === recipe ? { ...route, choice } : route)),
})
/** What can be decided about a route. */
function decisions(recipe = ''): (string | null)[] {
  const name = `More about the route ${recipe}`
  openMenu(name)
  return within(screen.getByRole('menu', { name, hidden: true }))
    .getAllByRole('menuitem', { hidden: true })
    .map((item) => item.textContent)
}
const choose = (recipe: string | undefined, decision: string) => {
  const name = `More about the route ${recipe}`
  openMenu(name)
  fireEvent.click(within(screen.getByRole('menu', { name, hidden: true })).getByRole('menuitem', { name: decision, hidden: true }))
}

describe('a route', () => {
  it('is pinned, banned and, if the person added it, removed', async () => {
    const { asked } = await mountView(<PathView />, { path: russiaPath })
    expect(decisions(bridge)).toEqual(['Always try first', 'Never use'])
    expect(decisions(own)).toEqual(['Always try first', 'Never use', 'Remove'])
    choose(bridge, 'Always try first')
    choose(plain, 'Never use')
    choose(own, 'Remove')
    await waitFor(() => expect(asked('proxy.remove')).toEqual([{ proxyId: 'hand-1' }]))
    expect([asked('route.pin'), asked('route.ban')]).toEqual([[{ recipe: bridge }], [{ recipe: plain }]])
  })

  it('that is pinned stands first, one that is banned last, and each says whose choice that is and how to take it back', async () => {
    const { asked } = await mountView(<PathView />, { path: decided(own, 'pinned') })
    const rows = () => region('Routes we know').getAllByRole('listitem')
    expect(rows()[0]?.textContent).toContain('Your choice. The others start only when this one stays silent or fails.')
    choose(own, 'No longer first')
    await waitFor(() => expect(asked('route.clear')).toEqual([{ recipe: own }]))
  })

  it('that is banned is not tried', async () => {
    await mountView(<PathView />, { path: decided(bridge, 'banned') })
    const last = region('Routes we know').getAllByRole('listitem').at(-1)
    expect(last?.textContent).toContain('Nothing goes through this bridge.')
    expect(screen.queryByRole('button', { name: `Try now: ${bridge}` })).toBe(null)
    expect(decisions(bridge)).toContain('Allow again')
  })

  it('tells how it went by itself, and at which step and why it failed', async () => {
    await mountView(<PathView />, { path: russiaPath, tried: { ok: false, ms: 90, step: 'encrypt', reason: 'reset' } })
    fireEvent.click(screen.getByRole('button', { name: `Try now: ${bridge}` }))
    expect(await screen.findByText('By itself it failed when encrypting. The connection was cut.')).toBeTruthy()
  })

  it('says when bans leave nothing that gets through', async () => {
    await mountView(<PathView />, { path: { ...decided(bridge, 'banned'), status: 'looking', route: null, nextTryAt: Date.now() + 5000 } })
    expect(screen.getByText('Nothing that you allow gets through. 1 route is banned by you.')).toBeTruthy()
  })
})

describe('the race', () => {
  it('says why each attempt began when it did, and marks what was remembered', async () => {
    const causes = [{ cause: 'first' }, { cause: 'remembered' }, { cause: 'failed', by: 2 }, { cause: 'turn' }] as const
    const attempts = russiaPath.attempts.map((attempt, index) => ({ ...attempt, why: causes[index] }))
    await mountView(<PathView />, { path: { ...russiaPath, attempts } })
    const race = region('The last race')
    expect(race.getByText('Started at once: the plain path.')).toBeTruthy()
    expect(race.getByText('Started early, because number 2 had failed.')).toBeTruthy()
    expect(race.getByText('Remembered for this network')).toBeTruthy()
  })
})

describe('memory of a network', () => {
  it('shows the best and the second way with time and failures, and is forgotten on request', async () => {
    const remembered = [
      { recipe: bridge ?? '', plane: 'chat' as const, ms: 730, at: NOW, failures: 0 },
      { recipe: plain ?? '', plane: 'chat' as const, ms: 320, at: NOW, failures: 1 },
    ]
    const { asked } = await mountView(<PathView />, { path: { ...quietPath, remembered } })
    const memory = region('What we remember about this network')
    expect(memory.getByText('Takes 730 ms.')).toBeTruthy()
    expect(memory.getByText('Has failed 1 time since.')).toBeTruthy()
    fireEvent.click(memory.getByRole('button', { name: 'Forget this network' }))
    await waitFor(() => expect(asked('path.forget')).toEqual([{ scope: 'here' }]))
  })

  it('shows what is kept ready, and lets the person choose when', async () => {
    const standby = { recipe: bridge ?? '', endpoint: 'chat-2', kind: 'proxy' as const, provider: 'bundle-1', since: NOW }
    const { asked } = await mountView(<PathView />, { path: { ...quietPath, standby } })
    expect(region('A second connection').getByText(bridge ?? '')).toBeTruthy()
    fireEvent.click(region('A second connection').getByRole('radio', { name: 'Always' }))
    await waitFor(() => expect(asked('settings.set')).toEqual([{ standby: 'always' }]))
  })
})

describe('the signed list', () => {
  it('is taken from whatever is no address, and a refusal says what is wrong and that nothing changed', async () => {
    const { asked } = await mountView(<PathView />, { path: quietPath })
    const field = screen.getByLabelText<HTMLInputElement>('A link or address that somebody gave you')
    fireEvent.change(field, { target: { value: 'look: throughline:bundle#abc' } })
    fireEvent.click(screen.getByRole('button', { name: 'Add' }))
    expect(await screen.findByText('There is no list of ways in it, and no address. Nothing was changed.')).toBeTruthy()
    expect([asked('bundle.import'), asked('proxy.add')]).toEqual([[{ text: 'look: throughline:bundle#abc' }], []])
    expect(field.value).toContain('throughline:bundle#abc')
  })

  it('is handed to a friend as a link, and looked for anew on request', async () => {
    const { asked } = await mountView(<PathView />, { path: quietPath })
    const list = within(await screen.findByRole('region', { name: 'The signed list' }))
    fireEvent.click(list.getByRole('button', { name: 'Hand it to a friend' }))
    expect(await list.findByText('throughline:bundle#~')).toBeTruthy()
    expect(list.getByText('A link with the signed list. It does not say who gave it.')).toBeTruthy()
    fireEvent.click(list.getByRole('button', { name: 'Look for a newer one' }))
    await waitFor(() => expect(asked('bundle.refresh')).toHaveLength(1))
  })
})

describe('help for others', () => {
  it('is absent where the shell runs no bridge', async () => {
    await mountView(<PathView />, { path: quietPath })
    expect(screen.queryByRole('region', { name: 'Help others connect' })).toBe(null)
  })

  it('begins only after consent, with limits that hold', async () => {
    const { asked } = await mountView(<PathView />, { path: quietPath, bridge: bridgeOff })
    fireEvent.click(await screen.findByRole('button', { name: 'Switch on' }))
    const dialog = within(screen.getByRole('dialog'))
    const start = dialog.getByRole<HTMLButtonElement>('button', { name: 'Switch on' })
    expect(start.disabled).toBe(true)
    fireEvent.click(dialog.getByRole('checkbox'))
    fireEvent.change(dialog.getByLabelText('Gigabytes a month'), { target: { value: '0' } })
    expect(start.disabled).toBe(true)
    expect(dialog.getByText('A whole number from 1 to 10,000.')).toBeTruthy()
    fireEvent.change(dialog.getByLabelText('Gigabytes a month'), { target: { value: '5' } })
    fireEvent.submit(dialog.getByRole('checkbox').closest('form') ?? document.body)
    await waitFor(() =>
      expect(asked('bridge.start')).toEqual([
        { limits: { streams: 20, kilobytesPerSecond: 1000, gigabytesPerMonth: 5 }, address: null, port: 8443 },
      ]),
    )
    expect(await screen.findByText('Everybody in this rehearsal can reach it, and nobody outside.')).toBeTruthy()
  })

  it('shows the link and counts, nobody’s name, and is switched off', async () => {
    const { asked } = await mountView(<PathView />, { path: quietPath, bridge: bridgeOn })
    const help = within(await screen.findByRole('region', { name: 'Help others connect' }))
    expect(help.getByText(bridgeOn.link ?? '')).toBeTruthy()
    expect(help.getAllByRole('definition').map((count) => count.textContent)).toEqual(['2', '7', '1', '4.2 MB', '1.3 GB'])
    fireEvent.click(help.getByRole('button', { name: 'Switch off' }))
    await waitFor(() => expect(asked('bridge.stop')).toHaveLength(1))
    expect(await help.findByText('It is off.')).toBeTruthy()
  })

  it('says why it is off', async () => {
    await mountView(<PathView />, { path: quietPath, bridge: { ...bridgeOff, fault: 'port-taken' } })
    expect((await screen.findByRole('alert')).textContent).toBe('Another program uses this port. Choose another.')
  })
})
