/** Builds decoder.html: one page that holds its program, for a frame of an opaque origin may load nothing, not even a script of ours. */
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'vite'

export const DECODER_PAGE = 'decoder.html'

async function decoderPage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'src/decoder/decoder.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'chrome130',
    minify: true,
    legalComments: 'none',
  })
  return `<!doctype html><meta charset="utf-8"><title>Decoder</title><script>${outputFiles[0]?.text ?? ''}</script>`
}

export function decoderPlugin(): Plugin {
  return {
    name: 'decoder-page',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: DECODER_PAGE, source: await decoderPage() })
    },
    configureServer(server) {
      server.middlewares.use(`/${DECODER_PAGE}`, (_request, response, next) => {
        decoderPage().then((page) => response.setHeader('content-type', 'text/html').end(page), next)
      })
    },
  }
}
