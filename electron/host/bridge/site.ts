/** The ordinary web site that a bridge is to everybody who does not know its path. */
import { createServer, type Server } from 'node:http'

const page = (title: string, text: string) =>
  `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${title}</title></head>\n<body><h1>${title}</h1><p>${text}</p></body>\n</html>\n`
const home = page('It works', 'There is nothing here yet.')
const missing = page('Not Found', 'The requested page was not found on this server.')

/**
 * Never listens: it is handed connections. It has no listener for upgrades, so that a request for one is answered as any other is
 * (RFC 9110 section 7.8 lets a server ignore it), and none for CONNECT, which ends the connection.
 */
export function createSite(): Server {
  return createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 }, (request, response) => {
    const [path] = (request.url ?? '').split('?')
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    const status = !isReading ? 405 : path === '/' ? 200 : 404
    const body = status === 200 ? home : missing
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(body) })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
}
