import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CommandError } from '../errors/errors.js'
import { limits } from '../limits.js'
import type { Session } from '../session/session.js'
import type { ManifestFile } from './documents.js'

const EXTENSIONS = ['.json', '.yaml', '.yml']

export interface ManifestNames {
  readonly filenames?: readonly string[]
  /** A folder with a kustomization; empty for none. */
  readonly kustomize?: string
  readonly recursive?: boolean
}

/** Reads what `-f` names (files, folders, patterns, standard input), and builds what `-k` does. */
export async function readManifests(
  session: Session,
  { filenames = [], kustomize = '', recursive = false }: ManifestNames,
): Promise<ManifestFile[]> {
  const files: ManifestFile[] = []
  if (kustomize !== '') files.push(await buildManifest(session, kustomize))
  for (const name of filenames) {
    if (name === '-') files.push({ source: 'STDIN', text: await session.stdin() })
    else if (/^https?:\/\//.test(name)) {
      throw new CommandError(`unable to read URL "${name}": manifests are read from files only`)
    } else files.push(...readPath(session.environment.folder, name, recursive))
  }
  return files
}

async function buildManifest(session: Session, path: string): Promise<ManifestFile> {
  const { buildKustomization } = await import('../kustomize/build.js')
  const { folder } = session.environment
  const text = buildKustomization({ folder, path, warn: session.out.stderr })
  return { source: path, text }
}

function readPath(folder: string, name: string, recursive: boolean): ManifestFile[] {
  const stats = statSync(resolve(folder, name), { throwIfNoEntry: false })
  if (!stats) {
    const matches = /[*?[]/.test(name) ? matchPattern(folder, name) : []
    if (matches.length === 0) throw new CommandError(`the path "${name}" does not exist`)
    return matches.flatMap((match) => readPath(folder, match, recursive))
  }
  if (!stats.isDirectory()) return [readOne(folder, name)]
  const found = listFolder(folder, name, recursive)
  if (found.length === 0) {
    throw new CommandError(
      `error reading [${name}]: recognized file extensions are [${EXTENSIONS.join(' ')}]`,
    )
  }
  return found.map((path) => readOne(folder, path))
}

function readOne(folder: string, name: string): ManifestFile {
  const path = resolve(folder, name)
  if (statSync(path).size > limits.manifestBytesMax) {
    throw new CommandError(`${name} is larger than ${limits.manifestBytesMax} bytes`)
  }
  try {
    return { source: name, text: readFileSync(path, 'utf8') }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const reason = code === 'EACCES' ? 'permission denied' : (error as Error).message
    throw new CommandError(`open ${name}: ${reason}`, { cause: error })
  }
}

/** Files with a manifest's extension, in the order of a walk: by name, depth first. */
function listFolder(folder: string, name: string, recursive: boolean): string[] {
  const entries = readdirSync(resolve(folder, name), { withFileTypes: true })
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(name, entry.name)
      if (entry.isDirectory()) return recursive ? listFolder(folder, path, true) : []
      return EXTENSIONS.some((extension) => entry.name.endsWith(extension)) ? [path] : []
    })
}

/** Matches `*`, `?` and `[…]` in the last part of a path, as a shell does. */
function matchPattern(folder: string, pattern: string): string[] {
  const slash = pattern.lastIndexOf('/')
  const parent = slash < 0 ? '.' : pattern.slice(0, slash)
  const expression = pattern
    .slice(slash + 1)
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]')
  if (!statSync(resolve(folder, parent), { throwIfNoEntry: false })?.isDirectory()) return []
  return readdirSync(resolve(folder, parent))
    .filter((entry) => new RegExp(`^${expression}$`).test(entry))
    .sort()
    .map((entry) => (slash < 0 ? entry : `${parent}/${entry}`))
}
