/** A box beside the way that gets copies of questions (nftables `dup`) and answers those for one name first, in the resolver's place. */
import { createSocket } from 'node:dgram'
import { forgeAnswer, questionOf } from '../../lab/engine/dns-message.ts'

const [resolver = '', name = '', address = ''] = process.argv.slice(2)
const socket = createSocket('udp4')
socket.on('message', (query, from) => {
  if (questionOf(query)?.name === name) socket.send(forgeAnswer(query, [address], 60), from.port, from.address)
})
socket.bind(53, resolver, () => void process.stdout.write('ready\n'))
