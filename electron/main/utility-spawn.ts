/** Relay, lab and engines as Electron utility processes: Node without a window, and without the RunAsNode fuse. */
import { join } from 'node:path'
import type { Port } from '../../shared/contract/port.ts'
import type { Spawn } from '../host/child.ts'
import type { ElectronParts } from './electron.ts'

type UtilityProcess = ReturnType<ElectronParts['utilityProcess']['fork']>

export function utilitySpawn({ utilityProcess }: Pick<ElectronParts, 'utilityProcess'>, distDir: string): Spawn {
  return (program) => {
    const child = utilityProcess.fork(join(distDir, `${program}.js`), [], { serviceName: `throughline ${program}`, stdio: 'inherit' })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    return { port: utilityPort(child), ended, kill: () => void child.kill() }
  }
}

function utilityPort(child: UtilityProcess): Port {
  const onClose: (() => void)[] = []
  let open = true
  const close = () => {
    if (!open) return
    open = false
    for (const listener of onClose) listener()
  }
  child.once('exit', close)
  return {
    send: (frame) => {
      if (open) child.postMessage(frame)
    },
    onFrame: (listener) =>
      void child.on('message', (raw: unknown) => {
        if (open) listener(raw)
      }),
    onClose: (listener) => void onClose.push(listener),
    // A utility process cannot be told that its pipe closed: it has been asked to end by name, and this ends it.
    close: () => {
      if (open) child.kill()
      close()
    },
  }
}
