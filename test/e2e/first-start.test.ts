/** The first minutes of two people, and what they find again after a restart. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { inBrowser, JOURNEY_MS, onFreshData } from '../support/app-journey.ts'
import { type Program, startProgram } from '../support/app-program.ts'
import { noDisplay } from '../support/app-shells.ts'
import { appWindow, reads, textOf } from '../support/app-window.ts'

test('two people find each other in their first windows and write, with emoji, right to left and at length', {
  timeout: JOURNEY_MS,
}, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    expect(app.program.said()).toMatch(
      /1\. Install packages[\s\S]*2\. Build[\s\S]*3\. Start relay and simulated internet[\s\S]*4\. Open the windows/,
    )
    expect(app.program.said()).toContain('Open each address in a window of its own.')
    expect(app.program.said()).toContain('Ready. Press Ctrl+C to stop; chats are kept.')

    const alice = appWindow(await app.openWindow('alice'))
    const bob = appWindow(await app.openWindow('bob'))
    await reads(alice.header, 'Connected.')
    await reads(bob.header, 'Connected.')
    expect(await alice.page.title()).toBe('Alice - Throughline')
    expect(await bob.page.title()).toBe('Bob - Throughline')
    await reads(alice.strip, /^Simulated .*Nothing leaves this computer\.$/)
    await alice.skipTour()

    await alice.openChat('bob')
    // It is told for as long as she goes on.
    const whileWriting = async () => {
      await alice.box.pressSequentially('Hello')
      return textOf(bob.chatRow('alice'))
    }
    await expect.poll(whileWriting).toContain('Writing…')
    await alice.box.fill('Hello, Bob')
    await alice.box.press('Enter')
    await reads(alice.message('Hello, Bob'), 'Delivered')
    await reads(bob.chatRow('alice'), '1 unread message')
    await reads(bob.views, '1 chat with unread messages')

    const long = `${'All of it arrives. '.repeat(631)}The end.`
    expect(long.length).toBeGreaterThan(11_900)
    for (const text of ['👩‍🚀🏳️‍🌈 fine', 'سلام بابک، خوبی؟', long]) await alice.write(text)
    await reads(bob.chatRow('alice'), '4 unread messages')

    await bob.openChat('alice')
    for (const text of ['Hello, Bob', '👩‍🚀🏳️‍🌈 fine', 'سلام بابک، خوبی؟']) await reads(bob.message(text), text)
    await reads(bob.message('The end.'), long)
    const direction = (text: string) =>
      bob
        .message(text)
        .getByText(text)
        .evaluate((element) => getComputedStyle(element).direction)
    expect(await direction('سلام بابک، خوبی؟')).toBe('rtl')
    expect(await direction('Hello, Bob')).toBe('ltr')
    await reads(alice.message('The end.'), 'Read')
    await reads(alice.message('Hello, Bob'), 'Read')
    await expect.poll(() => textOf(bob.chatRow('alice'))).not.toContain('unread')

    await bob.write('Hello, Alice')
    await reads(alice.message('Hello, Alice'), 'Hello, Alice')
  })
})

test('chats, unread counts and drafts are found again after a restart, and windows that stayed open come back by themselves', {
  timeout: JOURNEY_MS,
}, async () => {
  await inBrowser(['alice', 'bob'], async (app) => {
    const alice = appWindow(await app.openWindow('alice'))
    const bobs = await app.openWindow('bob')
    await alice.skipTour()
    await alice.openChat('bob')
    await reads(bobs.getByRole('region', { name: 'Connection', exact: true }), 'Connected.')
    await bobs.close()
    await reads(alice.page.getByRole('status'), 'Bob has no window yet.')
    await alice.write('You are away')
    await reads(alice.message('You are away'), 'Delivered')
    await alice.box.fill('not yet finished')
    // A draft is kept when the chat is left.
    await alice.open('Lab')
    await alice.page.getByRole('heading', { level: 1, name: 'Lab' }).waitFor()

    await app.restart(() => reads(alice.page.getByRole('main'), 'The program behind this window has stopped'))
    await reads(alice.header, 'Connected.')
    await alice.open('Chats')
    await reads(alice.chatRow('bob'), 'Draft: not yet finished')
    await alice.openChat('bob')
    await expect.poll(() => alice.box.inputValue()).toBe('not yet finished')
    await reads(alice.message('You are away'), 'Delivered')

    const bob = appWindow(await app.openWindow('bob'))
    await reads(bob.chatRow('alice'), /You are away.*1 unread message/)
    await bob.openChat('alice')
    await reads(bob.message('You are away'), 'You are away')
    await reads(alice.message('You are away'), 'Read')
  })
})

test('ending the program, or only the npm that started it, leaves no process behind and frees the ports', {
  timeout: JOURNEY_MS,
}, async () => {
  await onFreshData(async (dataDir) => {
    const byItself = startProgram([process.execPath, 'scripts/start.mjs', '--data', dataDir], noDisplay)
    await endsWhole(byItself)
    await endsWhole(startProgram(['npm', 'start', '--', '--data', dataDir], { ...noDisplay, npm_lifecycle_event: undefined }))
  })
})

async function endsWhole(program: Program): Promise<void> {
  try {
    await program.says(/^Ready\./m)
    const ports = [...program.said().matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port))
    expect(ports).toHaveLength(2)
    for (const port of ports) expect(await isOpen(port)).toBe(true)
    // Start, shell, relay, lab and two engines at least.
    expect(program.family().length).toBeGreaterThanOrEqual(6)
    program.signal('SIGTERM')
    await expect.poll(() => program.family()).toEqual([])
    for (const port of ports) expect(await isOpen(port)).toBe(false)
  } finally {
    for (const pid of program.family()) process.kill(pid, 'SIGKILL')
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
