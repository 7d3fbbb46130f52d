import type { Disk } from '../../disk/disk.js'
import { wrapDisk } from './wrapped-disk.js'

/** For `--unsafe-no-fsync`: what was written is safe from a crash of the program alone. */
export const withoutSync = (disk: Disk): Disk =>
  wrapDisk(
    disk,
    (file) => ({
      sync: async () => undefined,
      writeSync: (position, chunks) => file.write(position, chunks),
    }),
    { syncFolder: async () => undefined },
  )
