/** Starts the page: picks the shell that loaded it and draws the app. */
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { chooseLocale, startI18n } from './i18n/i18n.ts'
import { electronShell } from './shell/electron.ts'
import { webShell } from './shell/web.ts'

startI18n(chooseLocale('system', navigator.languages))

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
const shell = window.throughline ? electronShell(window.throughline) : webShell(window)
createRoot(root).render(
  <StrictMode>
    <App shell={shell} />
  </StrictMode>,
)
