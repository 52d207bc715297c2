/** How a browser is found and started, as data. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { browserArguments, findBrowser, hasDisplay, placeWindow } from '../../../electron/web/app-window.ts'

const url = 'http://127.0.0.1:1/#t'
const frame = { x: 0, y: 0, width: 600, height: 800 }

describe('a browser', () => {
  it('keeps its sandbox for everybody but root', () => {
    expect(browserArguments(url, '/p', frame, 1000)).not.toContain('--no-sandbox')
    expect(browserArguments(url, '/p', frame, undefined)).not.toContain('--no-sandbox')
    expect(browserArguments(url, '/p', frame, 0)).toEqual(expect.arrayContaining(['--no-sandbox', '--test-type']))
  })

  it('opens one address without tabs, in a profile of its own, and dials nobody else', () => {
    expect(browserArguments(url, '/p', frame, 1000)).toEqual(
      expect.arrayContaining([`--app=${url}`, '--user-data-dir=/p', '--disable-quic', '--disable-background-networking', '--disable-sync']),
    )
  })

  it('is the first installed one that can be run', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'throughline-path-'))
    try {
      await writeFile(join(dir, 'chromium'), '')
      expect(findBrowser({ PATH: `/nowhere:${dir}` }, 'linux')).toBeNull()
      await chmod(join(dir, 'chromium'), 0o755)
      expect(findBrowser({ PATH: `/nowhere:${dir}` }, 'linux')).toBe(join(dir, 'chromium'))
      expect(findBrowser({}, 'linux')).toBeNull()
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it('needs a display on Linux', () => {
    expect(hasDisplay({}, 'linux')).toBe(false)
    expect(hasDisplay({ DISPLAY: ':0' }, 'linux')).toBe(true)
    expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
    expect(hasDisplay({}, 'darwin')).toBe(true)
  })
})

describe('windows', () => {
  it.each([2, 3])('of %i users lie side by side and never on each other', (count) => {
    const frames = Array.from({ length: count }, (_, i) => placeWindow(i, count))
    for (const [i, one] of frames.entries()) {
      const next = frames[i + 1]
      if (next) expect(one.x + one.width).toBeLessThanOrEqual(next.x)
    }
  })
})
