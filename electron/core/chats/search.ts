/** Finds messages and files by words or parts of words, newest first. All words must be there. */
import type { Message } from '../../../shared/contract/chat.ts'
import type { Ledger } from './ledger.ts'
import { selectMessages } from './rows.ts'

const MOST_RESULTS = 100
/** The index is of three characters; shorter words are looked for in the text itself. */
const INDEXED_LENGTH = 3

export const searchWords = (query: string) => query.split(/[\s\p{Cc}]+/u).filter((word) => word !== '')

export function searchMessages(ledger: Ledger, words: readonly string[], chatId?: string): Message[] {
  if (words.length === 0) return []
  const indexed = words.filter((word) => Array.from(word).length >= INDEXED_LENGTH)
  const short = words.filter((word) => Array.from(word).length < INDEXED_LENGTH)
  const conditions: string[] = []
  const params: string[] = []
  if (indexed.length > 0) {
    conditions.push('m.ord IN (SELECT rowid FROM message_text WHERE message_text MATCH ?)')
    // Each word as an FTS5 string (section 3.1), so that nothing in it is an operator.
    params.push(indexed.map((word) => `"${word.replaceAll('"', '""')}"`).join(' '))
  }
  for (const word of short) {
    conditions.push("m.text LIKE ? ESCAPE '\\'")
    params.push(`%${word.replace(/[\\%_]/gu, '\\$&')}%`)
  }
  if (chatId !== undefined) {
    ledger.chat(chatId)
    conditions.push('m.chat_id = ?')
    params.push(chatId)
  }
  const where = `WHERE ${conditions.join(' AND ')} ORDER BY m.ord DESC LIMIT ?`
  return selectMessages(ledger.store, where, [...params, MOST_RESULTS]).map(ledger.message)
}
