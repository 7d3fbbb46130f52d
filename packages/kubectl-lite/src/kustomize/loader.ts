import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { CommandError } from '../errors/errors.js'
import { openFault } from '../errors/file-fault.js'

/** Reads what a kustomization names: files in or below its folder, and other folders. */
export class Loader {
  /** Where symbolic links lead to nobody else, as all paths in messages are. */
  readonly root: string
  readonly #parents: readonly string[]
  readonly #restricted: boolean

  private constructor(root: string, parents: readonly string[], restricted: boolean) {
    this.root = root
    this.#parents = parents
    this.#restricted = restricted
  }

  /** The folder that a user names. */
  static open(folder: string, path: string, restricted: boolean): Loader {
    return new Loader(folderAt(resolve(folder, path), path), [], restricted)
  }

  /** A folder that this one's kustomization names; those it came from can't be part of it. */
  folder(path: string): Loader {
    const full = resolve(this.root, path)
    const root = folderAt(full, full)
    const visited = [...this.#parents, this.root].find(
      (one) => one === root || one.startsWith(root + sep),
    )
    if (visited !== undefined) {
      throw new CommandError(
        `cycle detected: candidate root '${root}' contains visited root '${visited}'`,
      )
    }
    return new Loader(root, [...this.#parents, this.root], this.#restricted)
  }

  file(path: string): Buffer {
    const full = resolve(this.root, path)
    const real = realPath(full, full)
    if (statSync(real).isDirectory()) throw new CommandError(`'${real}' must resolve to a file`)
    if (this.#restricted && !real.startsWith(this.root + sep)) {
      throw new CommandError(`security; file '${full}' is not in or below '${this.root}'`)
    }
    try {
      return readFileSync(real)
    } catch (error) {
      throw new CommandError(openFault(real, error))
    }
  }
}

function folderAt(full: string, named: string): string {
  try {
    const real = realPath(full, named)
    if (statSync(real).isDirectory()) return real
  } catch (error) {
    throw new CommandError(
      `must build at directory: not a valid directory: ${(error as Error).message}`,
    )
  }
  throw new CommandError(`must build at directory: '${full}': file is not directory`)
}

function realPath(full: string, named: string): string {
  if (!lstatSync(full, { throwIfNoEntry: false })) {
    throw new CommandError(
      `evalsymlink failure on '${named}' : lstat ${full}: no such file or directory`,
    )
  }
  return realpathSync(full)
}
