/** The README's way for two people with a relay of their own, by its very commands: three computers, played by one that has no way out. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect } from 'vitest'
import { PATIENCE_MS, type Program, root, startProgram } from './app-program.ts'
import { type App, browserProgram, noDisplay } from './app-shells.ts'
import { loneNetwork } from './lone-network.ts'

export interface TwoComputers extends App {
  /** One more computer, for a user who has one already: its window is opened as `computer`. */
  startAnother(user: string, computer: string, accountFile: string): Promise<void>
}

/** `bob` starts as `alice` does, under his own name. Each keeps what is theirs in a folder of their own below `folder`. */
export async function startTwoComputers(folder: string): Promise<TwoComputers> {
  const { relay, start, address } = await readCommands()
  const network = await loneNetwork([address])
  const programs: Program[] = []
  const run = (command: string) => {
    const program = startProgram(network.inside(['sh', '-c', command]), noDisplay)
    programs.push(program)
    return program
  }
  const stop = async () => {
    const families = () => programs.flatMap((program) => program.family())
    families()
    for (const program of programs) program.signal('SIGTERM')
    // npm is gone first, and what it had started follows.
    await expect.poll(families, { timeout: PATIENCE_MS }).toEqual([])
    await network.end()
  }
  try {
    const relayData = join(folder, 'relay-data')
    await run(`exec ${relay.replace('./relay-data', relayData)}`).says(/^Ready/m)
    const startFor = (user: string, computer: string, more = '') =>
      run(
        `exec ${start.replace('alice', user).replace('bundle.json', join(relayData, 'bundle.json'))} --data ${join(folder, computer)}${more}`,
      )
    const people = new Map(['alice', 'bob'].map((user) => [user, startFor(user, user)]))
    for (const person of people.values()) await person.says(/^Ready\./m)
    const browser = await chromium.launch({ executablePath: await network.wrap(browserProgram(), join(folder, 'browser')) })
    return {
      async openWindow(user) {
        const url = /http:\/\/127\.0\.0\.1:\S+/.exec(people.get(user)?.said() ?? '')?.[0]
        if (!url) throw new Error(`no address of ${user}`)
        const page = await (await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 } })).newPage()
        page.setDefaultTimeout(PATIENCE_MS)
        await page.goto(url)
        return page
      },
      async startAnother(user, computer, accountFile) {
        const program = startFor(user, computer, ` --account ${accountFile}`)
        people.set(computer, program)
        await program.says(/^Ready\./m)
      },
      windows: () => browser.contexts().flatMap((context) => context.pages()),
      async end() {
        await browser.close()
        await stop()
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** As they stand in the README, with the address that the relay is to have. */
async function readCommands() {
  const section = /^## Two people.*?(?=^## )/ms.exec(await readFile(join(root, 'README.md'), 'utf8'))?.[0] ?? ''
  const relay = /^npm run .* -- relay --data \.\/relay-data .*--advertise \S+=(\S+)$/m.exec(section)
  const start = /^npm start -- --users alice --bundle bundle\.json(?= |$)/m.exec(section)
  if (!relay?.[1] || !start) throw new Error(`the README says it in another way now:\n${section}`)
  return { relay: relay[0], address: relay[1], start: start[0] }
}
