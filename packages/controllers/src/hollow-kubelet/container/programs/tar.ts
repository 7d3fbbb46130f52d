import { type ArchiveEntry, ArchiveError, packArchive, unpackArchive } from '@miniplane/api'
import { type FileSystem, join, parentOf, resolvePath } from '../file-system.js'
import { Input } from '../input.js'
import { type Process, type Program, ProgramError, print } from '../process.js'

const ARCHIVE_BYTES_MAX = 64 * 1024 * 1024

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
  const entries: ArchiveEntry[] = []
  let code = 0
  for (const name of names) {
    const path = resolvePath(folder, name)
    if (files.entry(path)) entries.push(...entriesOf(files, path, name.replace(/^\/+/, '') || '.'))
    else {
      await print(stderr, `${args[0]}: ${name}: No such file or directory\n`)
      code = 1
    }
  }
  const archive = packArchive(entries)
  if (file === '-') await stdout.write(archive)
  else files.write(resolvePath(folder, file), archive, machine.clock.now())
  if (code !== 0) await print(stderr, `${args[0]}: error exit delayed from previous errors\n`)
  return code
}

function entriesOf(files: FileSystem, path: string, name: string): ArchiveEntry[] {
  const entry = files.entry(path)
  if (!entry) return []
  const { bytes, mode, modifiedMs } = entry
  const own = { name, mode, modifiedMs, ...(bytes && { bytes }) }
  const inside = bytes ? [] : files.list(path)
  return [own, ...inside.flatMap((one) => entriesOf(files, join(path, one), join(name, one)))]
}

async function extract(process: Process, { mode, folder, file }: Options): Promise<number> {
  const { machine, stdin, stdout } = process
  const { files, clock } = machine
  const input = file === '-' ? stdin : Input.of(files.read(resolvePath(folder, file)))
  for (const entry of unpack(await input.readAll(ARCHIVE_BYTES_MAX))) {
    if (mode === 't') {
      await print(stdout, `${entry.name}\n`)
      continue
    }
    // An archive may not reach out of the folder that it is unpacked in.
    const path = resolvePath(folder, `./${resolvePath('/', entry.name)}`)
    if (entry.bytes) {
      files.makeFolder(parentOf(path), clock.now())
      files.write(path, Buffer.from(entry.bytes), clock.now(), entry.mode)
    } else files.makeFolder(path, clock.now(), entry.mode)
  }
  return 0
}

function unpack(bytes: Uint8Array): ArchiveEntry[] {
  try {
    return unpackArchive(bytes)
  } catch (error) {
    if (error instanceof ArchiveError) throw new ProgramError(error.message, 2)
    throw error
  }
}
