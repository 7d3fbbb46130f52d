/** A file, or a folder when it has no bytes. */
export interface ArchiveEntry {
  /** Relative, with `/` between folders. */
  readonly name: string
  readonly bytes?: Uint8Array
  /** Permission bits. */
  readonly mode: number
  readonly modifiedMs: number
}

/** The bytes are no archive, or not all of one. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
}

const BLOCK_BYTES = 512
const NAME_BYTES = 100
const FOLDER = '5'
const FILE = '0'
/** GNU's: the next entry's name stands in this one's bytes. */
const LONG_NAME = 'L'
const PERMISSIONS = 0o777

/**
 * An archive as `tar` writes it: what is copied into and out of containers.
 * Source: POSIX.1-1988, the ustar interchange format; GNU tar's long names.
 */
export function packArchive(entries: readonly ArchiveEntry[]): Buffer {
  const blocks = entries.flatMap(blocksOf)
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)])
}

/** Links, devices and the like are left out. Throws `ArchiveError`. */
export function unpackArchive(archive: Uint8Array): ArchiveEntry[] {
  const all = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  const entries: ArchiveEntry[] = []
  let longName: string | undefined
  for (let at = 0; at + BLOCK_BYTES <= all.length; ) {
    const head = all.subarray(at, at + BLOCK_BYTES)
    if (head.every((byte) => byte === 0)) break
    checkSum(head)
    const size = octalIn(head, 124, 12)
    const bytes = all.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size)
    if (bytes.length < size) throw new ArchiveError('short read')
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
    const type = textIn(head, 156, 1)
    if (type === LONG_NAME) {
      longName = textIn(bytes, 0, size)
      continue
    }
    const name = longName ?? nameIn(head)
    longName = undefined
    const mode = octalIn(head, 100, 8) & PERMISSIONS
    const modifiedMs = octalIn(head, 136, 12) * 1000
    if (type === FOLDER) entries.push({ name: name.replace(/\/+$/, ''), mode, modifiedMs })
    else if (type === FILE || type === '') entries.push({ name, bytes, mode, modifiedMs })
  }
  return entries
}

function blocksOf({ name, bytes, mode, modifiedMs }: ArchiveEntry): Buffer[] {
  const shown = bytes ? name : `${name}/`
  const type = bytes ? FILE : FOLDER
  const own = [header(shown, type, bytes?.length ?? 0, mode, modifiedMs), ...padded(bytes)]
  if (Buffer.byteLength(shown) <= NAME_BYTES) return own
  const long = Buffer.from(`${shown}\0`)
  return [header('././@LongLink', LONG_NAME, long.length, 0o644, 0), ...padded(long), ...own]
}

function header(
  name: string,
  type: string,
  size: number,
  mode: number,
  modifiedMs: number,
): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES)
  const octal = (value: number, at: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1')
  Buffer.from(name).copy(block, 0, 0, NAME_BYTES)
  octal(mode & PERMISSIONS, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.max(0, Math.floor(modifiedMs / 1000)), 136, 12)
  block.write('        ', 148)
  block.write(type, 156)
  block.write('ustar\x0000', 257, 'latin1')
  block.write('root', 265)
  block.write('root', 297)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padded(bytes: Uint8Array = new Uint8Array()): Buffer[] {
  const rest = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES
  return [Buffer.from(bytes), Buffer.alloc(rest)]
}

function checkSum(head: Buffer): void {
  const sum = head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (sum !== octalIn(head, 148, 8)) throw new ArchiveError('This does not look like a tar archive')
}

function nameIn(head: Buffer): string {
  // GNU's own header has other things where a prefix would be.
  const prefix = head.toString('latin1', 257, 263) === 'ustar\0' ? textIn(head, 345, 155) : ''
  const name = textIn(head, 0, NAME_BYTES)
  return prefix === '' ? name : `${prefix}/${name}`
}

const octalIn = (bytes: Buffer, at: number, length: number): number =>
  Number.parseInt(textIn(bytes, at, length), 8) || 0

function textIn(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end).trim()
}
