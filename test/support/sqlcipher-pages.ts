/**
 * Every page of a store's file and of its write-ahead log, decrypted whether it is in use or not: what somebody finds who
 * has the key and looks for traces. (SQLCipher 4: 4096-byte pages, AES-256-CBC, the last 80 bytes are IV and HMAC; WAL:
 * sqlite.org/fileformat2.html, section 4.)
 */
import { createDecipheriv } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

const PAGE = 4096
const RESERVED = 80
const IV = 16
const SALT = 16
const WAL_HEADER = 32
const FRAME_HEADER = 24

export function decryptedPages(path: string, key: Uint8Array): string {
  const texts: string[] = []
  const file = readFileSync(path)
  for (let at = 0; at + PAGE <= file.length; at += PAGE) {
    // The first page begins with the salt, in the clear.
    texts.push(decrypt(file.subarray(at + (at === 0 ? SALT : 0), at + PAGE), key))
  }
  if (existsSync(`${path}-wal`)) {
    const log = readFileSync(`${path}-wal`)
    for (let at = WAL_HEADER; at + FRAME_HEADER + PAGE <= log.length; at += FRAME_HEADER + PAGE) {
      const isFirst = log.readUInt32BE(at) === 1
      const page = log.subarray(at + FRAME_HEADER, at + FRAME_HEADER + PAGE)
      texts.push(decrypt(page.subarray(isFirst ? SALT : 0), key))
    }
  }
  return texts.join('')
}

function decrypt(page: Buffer, key: Uint8Array): string {
  const end = page.length - RESERVED
  const decipher = createDecipheriv('aes-256-cbc', key, page.subarray(end, end + IV)).setAutoPadding(false)
  return Buffer.concat([decipher.update(page.subarray(0, end)), decipher.final()]).toString('latin1')
}
