import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Log } from '../log.js'
import { CommandError } from './command.js'

/** Of the database's pages and everything else that a file system stores. */
const BLOCK_BYTES = 512
const SHA256_BYTES = 32
const READ_BYTES = 64 * 1024 * 1024

/** The bytes of a file. Throws a `CommandError`. */
export async function readSnapshotFile(path: string, log: Log): Promise<Buffer> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    const problem = error.code === 'ENOENT' ? 'no such file or directory' : error.message
    throw new CommandError(`stat ${path}: ${problem}`, undefined, { cause: error })
  })
  try {
    const { size } = await file.stat()
    const bytes = Buffer.allocUnsafe(size)
    let position = 0
    while (position < size) {
      const length = Math.min(READ_BYTES, size - position)
      const { bytesRead } = await file.read(bytes, position, length, position)
      if (bytesRead === 0) throw new CommandError(`${path} became shorter while it was read`)
      position += bytesRead
      if (size > READ_BYTES) log.info('reading the snapshot', { path, read: position, size })
    }
    return bytes
  } finally {
    await file.close()
  }
}

/**
 * Throws unless the SHA-256 at the end of a saved snapshot is that of the rest. A database from a
 * data directory ends with a page, and has none.
 */
export function checkIntegrity(file: Buffer, skipHashCheck: boolean): void {
  if (skipHashCheck) return
  if (file.length % BLOCK_BYTES !== SHA256_BYTES) {
    throw new CommandError('snapshot missing hash but --skip-hash-check=false')
  }
  const expected = file.subarray(-SHA256_BYTES)
  const found = createHash('sha256').update(file.subarray(0, -SHA256_BYTES)).digest()
  if (found.equals(expected)) return
  const list = (bytes: Buffer): string => `[${[...bytes].join(' ')}]`
  throw new CommandError(`expected sha256 ${list(expected)}, got ${list(found)}`)
}
