import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { decoderPlugin } from './decoder-page.ts'

/**
 * One build for both shells. Nothing is inlined, because the CSP of both allows only files of our own:
 * no data: fonts or images, no inline script, no style element.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), decoderPlugin()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome130',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
