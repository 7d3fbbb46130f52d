import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/**
 * Makes the folder that only this user may read. Throws an error that says what is in the way;
 * answers a warning when others may read it.
 */
export function prepareFolder(path: string): string | undefined {
  try {
    makeFolder(resolve(path))
    const { mode } = statSync(path)
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    const permissions = (mode & 0o777).toString(8)
    if ((mode & 0o077) === 0) return undefined
    return `${path} has the permissions ${permissions}: with 700 nobody else could read the data`
  } catch (cause) {
    throw new Error(`cannot access data directory: ${(cause as Error).message}`, { cause })
  }
}

/** Node's own way to make the folders above as well never ends below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

/** Keeps the log in a folder of its own, perhaps on another disk. */
export function linkWalFolder(memberFolder: string, walFolder: string): void {
  const link = join(memberFolder, 'wal')
  prepareFolder(memberFolder)
  prepareFolder(walFolder)
  const target = resolve(walFolder)
  if (!lstatSync(link, { throwIfNoEntry: false })) symlinkSync(target, link)
  else if (realpathSync(link) !== realpathSync(target)) {
    throw new Error(`${link} has a log already: move it to ${target}, or leave out --wal-dir`)
  }
}
