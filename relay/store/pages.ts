/** Public pages: what an account chose to publish for anyone who has the address. */
import type { Database } from '@signalapp/sqlcipher'
import type { LinkPage } from '../../shared/protocol/relay.ts'
import type { Accounts } from './accounts.ts'

export interface Pages {
  publish(slug: string, author: number, title: string, text: string, now: number): void
  find(slug: string): LinkPage | null
}

export function createPages(database: Database, accounts: Accounts): Pages {
  const insert = database.prepare('INSERT INTO page (slug, author, title, text, at) VALUES (?, ?, ?, ?, ?)')
  const select = database.prepare('SELECT author, title, text, at FROM page WHERE slug = ?')
  return {
    publish: (slug, author, title, text, now) => void insert.run([slug, author, title, text, now]),
    find(slug) {
      const row = select.get<{ author: number; title: string; text: string; at: number }>([slug])
      return row ? { slug, title: row.title, text: row.text, author: accounts.byId(row.author).handle, at: row.at } : null
    },
  }
}
