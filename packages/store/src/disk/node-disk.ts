import fs from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Disk, DiskFile, DiskLock, OpenOptions } from './disk.js'
import { diskError } from './disk-error.js'
import { NodeFile } from './node-file.js'
import { lockByListening } from './node-lock.js'

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = fs.constants

/** As etcd has them: nobody but the member's user reads what is in the store. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** The machine's file system below `root`. */
export function openNodeDisk(root: string): Disk {
  return new NodeDisk(resolve(root))
}

class NodeDisk implements Disk {
  readonly #root: string

  constructor(root: string) {
    this.#root = root
  }

  async makeFolder(path: string): Promise<void> {
    const folder = this.#at(path)
    await this.#try('make the folder', path, async () => {
      const first = await fs.promises.mkdir(folder, { recursive: true, mode: FOLDER_MODE })
      if (first === undefined) return
      const above = dirname(resolve(first))
      for (let made = folder; made !== above; made = dirname(made)) await syncFolder(dirname(made))
    })
  }

  async list(path: string): Promise<readonly string[]> {
    return this.#try('list', path, async () => {
      try {
        return (await fs.promises.readdir(this.#at(path))).sort()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw error
      }
    })
  }

  open(path: string, options: OpenOptions = {}): Promise<DiskFile> {
    const flags =
      (options.readOnly ? O_RDONLY : O_RDWR) |
      (options.create === undefined ? 0 : O_CREAT) |
      (options.create === 'new' ? O_EXCL : 0)
    return new Promise((done, fail) => {
      fs.open(this.#at(path), flags, FILE_MODE, (error, descriptor) => {
        if (error) fail(diskError(error, 'open', path, this.#at(path)))
        else done(new NodeFile(path, this.#at(path), descriptor))
      })
    })
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#try('rename', from, () => fs.promises.rename(this.#at(from), this.#at(to)))
  }

  async remove(path: string): Promise<void> {
    await this.#try('remove', path, () => fs.promises.unlink(this.#at(path)))
  }

  async syncFolder(path: string): Promise<void> {
    await this.#try('sync the folder', path, () => syncFolder(this.#at(path)))
  }

  async lock(path: string): Promise<DiskLock> {
    return this.#try('lock', path, () => lockByListening(this.#at(path), path))
  }

  #at(path: string): string {
    return join(this.#root, path)
  }

  async #try<T>(action: string, path: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      throw diskError(error, action, path, this.#at(path))
    }
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await fs.promises.open(path, O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
