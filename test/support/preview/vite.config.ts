import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { decoderPlugin } from '../../../renderer/decoder-page.ts'

/** The screens over the fake engine, to look at. Not part of the program. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react(), decoderPlugin()],
  build: {
    outDir: '../../../.cache/preview',
    emptyOutDir: true,
    target: 'chrome130',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
