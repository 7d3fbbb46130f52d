import { type FileSystem, join, parentOf, resolvePath } from '../file-system.js'
import { Input } from '../input.js'
import { type Process, type Program, ProgramError, print } from '../process.js'

/** Source: POSIX.1-1988, the ustar interchange format. */
const BLOCK_BYTES = 512
const ARCHIVE_BYTES_MAX = 64 * 1024 * 1024
const FOLDER = '5'
const FILE = '0'
const LONG_NAME = 'L'

/** `tar cf - PATH…` and `tar xf - [-C FOLDER]`: what copying into and out of a container needs. */
export const tar: Program = async (process) => {
  const options = optionsOf(process)
  if (options.mode === 'c') return create(process, options)
  return extract(process, options)
}

interface Options {
  readonly mode: 'c' | 'x' | 't'
  readonly folder: string
  readonly file: string
  readonly names: readonly string[]
}

function optionsOf({ args, directory }: Process): Options {
  let flags = ''
  let folder = directory
  let file = '-'
  const names: string[] = []
  for (let at = 1; at < args.length; at++) {
    const word = args[at] as string
    if (word.startsWith('--')) continue
    if (word === '-C') folder = resolvePath(folder, args[++at] ?? '')
    else if (at === 1 || /^-[a-zA-Z]/.test(word)) {
      flags += word.replace('-', '')
      if (word.includes('f')) file = args[++at] ?? '-'
    } else names.push(word)
  }
  const mode = (['c', 'x', 't'] as const).find((one) => flags.includes(one))
  if (!mode) throw new ProgramError('You must specify one of the c, x, t options', 2)
  return { mode, folder, file, names }
}

async function create(process: Process, { folder, file, names }: Options): Promise<number> {
  const { machine, stderr, stdout, args } = process
  const { files } = machine
  const parts: Buffer[] = []
  let code = 0
  for (const name of names) {
    const path = resolvePath(folder, name)
    if (files.entry(path)) parts.push(...blocksOf(files, path, name.replace(/^\/+/, '') || '.'))
    else {
      await print(stderr, `${args[0]}: ${name}: No such file or directory\n`)
      code = 1
    }
  }
  const archive = Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_BYTES)])
  if (file === '-') await stdout.write(archive)
  else files.write(resolvePath(folder, file), archive, machine.clock.now())
  if (code !== 0) await print(stderr, `${args[0]}: error exit delayed from previous errors\n`)
  return code
}

function blocksOf(files: FileSystem, path: string, name: string): Buffer[] {
  const entry = files.entry(path)
  if (!entry) return []
  const { bytes, mode, modifiedMs } = entry
  const shown = bytes ? name : `${name.replace(/\/$/, '')}/`
  const long = Buffer.byteLength(shown) > 100 ? longName(shown) : []
  const head = header(shown, bytes ? FILE : FOLDER, bytes?.length ?? 0, mode, modifiedMs)
  const own = bytes ? [...long, head, ...padded(bytes)] : [...long, head]
  const inside = bytes ? [] : files.list(path)
  return [...own, ...inside.flatMap((one) => blocksOf(files, join(path, one), join(name, one)))]
}

/** A name that is too long for its field stands in an entry before it, as GNU's tar writes it. */
function longName(name: string): Buffer[] {
  const bytes = Buffer.from(`${name}\0`)
  return [header('././@LongLink', LONG_NAME, bytes.length, 0o644, 0), ...padded(bytes)]
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
  block.write(name.slice(0, 100), 0)
  octal(mode, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(Math.floor(modifiedMs / 1000), 136, 12)
  block.write('        ', 148)
  block.write(type, 156)
  block.write('ustar\x0000', 257, 'latin1')
  block.write('root', 265)
  block.write('root', 297)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

function padded(bytes: Uint8Array): Buffer[] {
  const rest = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES
  return [Buffer.from(bytes), Buffer.alloc(rest)]
}

async function extract(process: Process, { mode, folder, file }: Options): Promise<number> {
  const { machine, stdin, stdout } = process
  const { files, clock } = machine
  const input = file === '-' ? stdin : Input.of(files.read(resolvePath(folder, file)))
  const archive = Buffer.from(await input.readAll(ARCHIVE_BYTES_MAX))
  let givenName: string | undefined
  for (let at = 0; at + BLOCK_BYTES <= archive.length; ) {
    const head = archive.subarray(at, at + BLOCK_BYTES)
    if (head.every((byte) => byte === 0)) break
    const size = Number.parseInt(textIn(head, 124, 12), 8) || 0
    const bytes = archive.subarray(at + BLOCK_BYTES, at + BLOCK_BYTES + size)
    if (bytes.length < size) throw new ProgramError('short read')
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
    const type = textIn(head, 156, 1)
    if (type === LONG_NAME) {
      givenName = textIn(bytes, 0, size)
      continue
    }
    const name = givenName ?? nameIn(head)
    givenName = undefined
    if (mode === 't') await print(stdout, `${name}\n`)
    else put(files, resolvePath(folder, `./${name}`), type, bytes, clock.now(), head)
  }
  return 0
}

function put(
  files: FileSystem,
  path: string,
  type: string,
  bytes: Buffer,
  nowMs: number,
  head: Buffer,
): void {
  const mode = Number.parseInt(textIn(head, 100, 8), 8) & 0o777
  if (type === FOLDER) files.makeFolder(path, nowMs, mode)
  else if (type === FILE || type === '') {
    files.makeFolder(parentOf(path), nowMs)
    files.write(path, Buffer.from(bytes), nowMs, mode)
  }
}

function nameIn(head: Buffer): string {
  const prefix = textIn(head, 257, 5) === 'ustar' ? textIn(head, 345, 155) : ''
  const name = textIn(head, 0, 100)
  return prefix === '' ? name : `${prefix}/${name}`
}

function textIn(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end).trim()
}
