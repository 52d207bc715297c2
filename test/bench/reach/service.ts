/** What stands behind the service's addresses for clients that are not ours: socket.io behind TLS, with polling as any has it, and everybody is welcome. */
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { Server } from 'socket.io'
import type { Certificate } from '../../../lab/services/authority.ts'

export interface Service {
  accept(stream: Duplex): void
  close(): void
}

export function openService(certificate: Certificate): Service {
  const web = createServer({ ...certificate, minVersion: 'TLSv1.3', ALPNProtocols: ['http/1.1'] })
  const server = new Server(web)
  web.on('request', (request, response) => {
    if (!request.url?.startsWith('/socket.io/')) response.writeHead(204).end()
  })
  return {
    accept: (stream) => void web.emit('connection', stream),
    close: () => void server.close(),
  }
}
