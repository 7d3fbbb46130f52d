import { FileError, join, parentOf, resolvePath } from '../file-system.js'
import { baseName, type Process, type Program, ProgramError, print } from '../process.js'

const flagsOf = ({ args }: Process): string =>
  args
    .slice(1)
    .filter((word) => /^-[a-zA-Z0-9]/.test(word))
    .join('')
const names = ({ args }: Process): string[] => args.slice(1).filter((word) => !/^-./.test(word))

/** Does something with each name; what can't be done is said, and the code is 1. */
async function each(
  process: Process,
  use: (path: string, name: string) => unknown,
): Promise<number> {
  const { args, directory, stderr } = process
  let code = 0
  const given = names(process)
  if (given.length === 0) throw new ProgramError('missing operand')
  for (const name of given) {
    try {
      await use(resolvePath(directory, name), name)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      code = 1
      await print(stderr, `${args[0]}: ${name}: ${error.message}\n`)
    }
  }
  return code
}

const ls: Program = async (process) => {
  const { args, directory, machine, stdout, stderr } = process
  const { files } = machine
  const flags = flagsOf(process)
  const given = names(process)
  let code = 0
  for (const name of given.length > 0 ? given : ['.']) {
    const path = resolvePath(directory, name)
    const entry = files.entry(path)
    if (!entry) {
      await print(stderr, `${args[0]}: ${name}: No such file or directory\n`)
      code = 1
      continue
    }
    const isListed = files.isFolder(path) && !flags.includes('d')
    const shown = isListed
      ? files.list(path).filter((one) => flags.match(/[aA]/) || !one.startsWith('.'))
      : [name]
    if (given.length > 1 && isListed) await print(stdout, `${name}:\n`)
    const lines = flags.includes('l')
      ? shown.map((one) => longLine(isListed ? join(path, one) : path, one, process))
      : shown
    if (lines.length > 0) await print(stdout, `${lines.join('\n')}\n`)
  }
  return code
}

function longLine(path: string, name: string, { machine }: Process): string {
  const entry = machine.files.entry(path)
  const mode = entry?.mode ?? 0
  const bits = [...'rwxrwxrwx']
    .map((bit, index) => ((mode >> (8 - index)) & 1 ? bit : '-'))
    .join('')
  const size = String(entry?.bytes?.length ?? 4096).padStart(9)
  const time = new Date(entry?.modifiedMs ?? 0).toUTCString()
  const [, day = '', month = '', , hour = ''] = time.split(' ')
  const when = `${month} ${String(Number(day)).padStart(2)} ${hour.slice(0, 5)}`
  return `${entry?.bytes ? '-' : 'd'}${bits}    1 root     root     ${size} ${when} ${name}`
}

const mkdir: Program = (process) =>
  each(process, (path) => {
    const { files, clock } = process.machine
    const isDeep = flagsOf(process).includes('p')
    if (!isDeep && files.entry(path)) throw new FileError('File exists')
    if (!isDeep && !files.isFolder(parentOf(path))) throw new FileError('No such file or directory')
    files.makeFolder(path, clock.now())
  })

const rm: Program = (process) =>
  each(process, (path) => {
    const { files } = process.machine
    const flags = flagsOf(process)
    if (flags.includes('f') && !files.entry(path)) return
    if (files.isFolder(path) && !/[rR]/.test(flags)) throw new FileError('is a directory')
    files.remove(path)
  })

const rmdir: Program = (process) =>
  each(process, (path) => {
    const { files } = process.machine
    if (!files.isFolder(path)) throw new FileError('Not a directory')
    if (files.list(path).length > 0) throw new FileError('Directory not empty')
    files.remove(path)
  })

const touch: Program = (process) =>
  each(process, (path) => {
    const { files, clock } = process.machine
    if (!files.isFolder(path)) {
      const bytes = files.entry(path)?.bytes ?? new Uint8Array()
      files.write(path, bytes, clock.now())
    }
  })

/** Of one file onto a path, or into a folder. */
const copied =
  (isMoved: boolean): Program =>
  async (process) => {
    const { directory, machine } = process
    const { files, clock } = machine
    const given = names(process)
    const target = given.pop()
    if (target === undefined || given.length === 0) throw new ProgramError('missing file operand')
    for (const name of given) {
      const path = resolvePath(directory, name)
      const to = resolvePath(directory, target)
      const bytes = files.read(path)
      files.write(files.isFolder(to) ? join(to, baseName(path)) : to, bytes, clock.now())
      if (isMoved) files.remove(path)
    }
    return 0
  }

const mode: Program = (process) => {
  const given = names(process)
  if (given.length < 2) throw new ProgramError('missing operand')
  const { files } = process.machine
  return each({ ...process, args: [process.args[0] ?? '', ...given.slice(1)] }, (path) => {
    if (!files.entry(path)) throw new FileError('No such file or directory')
  })
}

const pathPart =
  (part: (path: string) => string): Program =>
  async ({ args, stdout }) => {
    await print(stdout, `${part(withoutSlashes(args[1] ?? ''))}\n`)
    return 0
  }

/** At its end; a path of nothing else keeps its first. */
function withoutSlashes(path: string): string {
  let end = path.length
  while (end > 1 && path[end - 1] === '/') end--
  return path.slice(0, end)
}

export const filePrograms: Readonly<Record<string, Program>> = {
  ls,
  mkdir,
  rm,
  rmdir,
  touch,
  cp: copied(false),
  mv: copied(true),
  chmod: mode,
  chown: mode,
  basename: pathPart(baseName),
  dirname: pathPart((path) => (path.includes('/') ? parentOf(path) : '.')),
}
