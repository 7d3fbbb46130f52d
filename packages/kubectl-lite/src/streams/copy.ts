import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { type ArchiveEntry, type Pod, packArchive, unpackArchive } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { limits } from '../limits.js'
import type { Session } from '../session/session.js'
import { console, talk } from './remote-command.js'

/** What is copied: a path on one side, and where it goes on the other. */
export interface Copy {
  readonly pod: Pod
  readonly container: string
  readonly local: string
  readonly remote: string
}

/** By way of `tar` in the container, as there is no other. */
export async function copyInto(session: Session, copy: Copy): Promise<void> {
  const { pod, container, remote } = copy
  const local = resolve(session.environment.folder, copy.local)
  if (!existsSync(local)) throw new CommandError(`${copy.local} doesn't exist in local filesystem`)
  const isFolder = remote.endsWith('/') || (await isRemoteFolder(session, copy))
  const target = isFolder ? `${remote.replace(/\/+$/, '')}/${basename(local)}` : remote
  const folder = dirname(target)
  const archive = packArchive(entriesAt(local, basename(target)))
  await talk(session, pod, {
    subresource: 'exec',
    container,
    command: ['tar', '-xmf', '-', ...(folder === '.' ? [] : ['-C', folder])],
    tty: false,
    stdin: once(archive),
    ...console(session),
  })
}

export async function copyFrom(session: Session, copy: Copy): Promise<void> {
  const { pod, container, remote } = copy
  const parts: Uint8Array[] = []
  let size = 0
  await talk(session, pod, {
    subresource: 'exec',
    container,
    command: ['tar', 'cf', '-', remote],
    tty: false,
    ...console(session),
    onOutput(bytes) {
      size += bytes.length
      if (size > limits.copiedBytesMax) throw new CommandError('more is copied than this takes')
      parts.push(bytes)
    },
  })
  const local = resolve(session.environment.folder, copy.local)
  const isFolder = existsSync(local) && statSync(local).isDirectory()
  const target = isFolder ? join(local, basename(remote)) : local
  const prefix = remote.replace(/^\/+|\/+$/g, '')
  for (const entry of unpackArchive(Buffer.concat(parts))) write(target, prefix, entry)
}

async function isRemoteFolder(
  session: Session,
  { pod, container, remote }: Copy,
): Promise<boolean> {
  let answer = ''
  await talk(session, pod, {
    subresource: 'exec',
    container,
    command: ['sh', '-c', 'test -d "$0" && echo yes; true', remote],
    tty: false,
    onOutput(bytes) {
      answer += Buffer.from(bytes)
    },
    onError: () => undefined,
  })
  return answer === 'yes\n'
}

function entriesAt(path: string, name: string): ArchiveEntry[] {
  const { mode, mtimeMs: modifiedMs } = statSync(path)
  if (!statSync(path).isDirectory()) return [{ name, bytes: readFileSync(path), mode, modifiedMs }]
  const inside = readdirSync(path)
  const entries = inside.flatMap((one) => entriesAt(join(path, one), `${name}/${one}`))
  return [{ name, mode, modifiedMs }, ...entries]
}

/** Nothing is written outside the target, whatever the names in the archive say. */
function write(target: string, prefix: string, { name, bytes }: ArchiveEntry): void {
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : `/${name}`
  const path = resolve(`${target}${sep}.${rest}`)
  if (path !== target && !path.startsWith(target + sep)) return
  if (!bytes) {
    mkdirSync(path, { recursive: true })
    return
  }
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
