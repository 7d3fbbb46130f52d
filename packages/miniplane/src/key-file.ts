import { readFile, writeFile } from 'node:fs/promises'
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
    save: (pem: string): Promise<void> => writeFile(path, pem, { mode: 0o600 }),
  }
}
