import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The key of service accounts' tokens beside the state: a token outlives the plane as its Secret does. */
export function keyFileIn(dataDir: string) {
  const path = join(dataDir, 'service-account.key')
  return {
    async load(): Promise<string | undefined> {
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    /** Whole or not at all: half a key would keep the plane from knowing anybody. */
    async save(pem: string): Promise<void> {
      const partial = `${path}.partial`
      await rm(partial, { force: true })
      await writeFile(partial, pem, { mode: 0o600, flag: 'wx', flush: true })
      await rename(partial, path)
    },
  }
}
