/** The client in a network of the kernel: looks around with its real sockets and says what it saw as one JSON line. */
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { systemNetwork } from '../../electron/core/net/system-network.ts'
import { Bundle } from '../../shared/protocol/bundle.ts'
import { systemClock } from '../../shared/util/clock.ts'
import { look } from './look.ts'

const [bundlePath = '', address = '', port = ''] = process.argv.slice(2)
const network = systemNetwork({ clock: systemClock })
const sight = await look(network, systemClock, v.parse(Bundle, JSON.parse(readFileSync(bundlePath, 'utf8'))), {
  address,
  port: Number(port),
})
process.stdout.write(`${JSON.stringify(sight)}\n`)
network.close()
process.exit(0)
