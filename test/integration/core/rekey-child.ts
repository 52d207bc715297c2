/** Sets, changes and removes the passphrase of one profile without an end, to be killed at any moment. Says what it does before and after. */
import { createVault } from '../../../electron/core/store/vault.ts'
import { systemRandom } from '../../../electron/core/system-random.ts'

const [profileDir = '', passphrase = ''] = process.argv.slice(2)
const vault = createVault({ profileDir, keychainKey: null, random: systemRandom, cost: { passes: 1, memory: 8192 } })
const store = vault.open(passphrase || null)
if (!store) throw new Error('locked')
let current = passphrase || null
const say = (word: string, value: string | null) => process.stdout.write(`${word} ${value ?? ''}\n`)
say('open', current)
for (let i = 0; ; i++) {
  const next = i % 3 === 2 ? null : `passphrase ${i % 3}`
  if (next === current) continue
  say('to', next)
  vault.setPassphrase(store, current, next)
  current = next
  say('done', current)
}
