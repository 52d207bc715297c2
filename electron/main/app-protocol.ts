/** app://throughline/…: our built pages, and nothing else, with the one policy. */
import { readFile } from 'node:fs/promises'
import { fileHeaders, pageHeaders } from '../host/security-headers.ts'
import { resolveAppUrl } from './security/own-url.ts'

/** Answers a request; 404 for whatever is not a page of ours. */
export async function servePage(request: Pick<Request, 'method' | 'url'>, pagesDir: string): Promise<Response> {
  if (request.method !== 'GET') return new Response(null, { status: 405, headers: { ...pageHeaders(), allow: 'GET' } })
  const file = resolveAppUrl(request.url, pagesDir)
  const content = file && (await readFile(file.path).catch(() => null))
  if (!file || !content) return new Response(null, { status: 404, headers: pageHeaders() })
  return new Response(new Uint8Array(content), { headers: { ...fileHeaders(file.path, content), 'content-type': file.type } })
}
