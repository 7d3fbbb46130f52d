import type { Disk, DiskFile } from '../disk/disk.js'

/** For `--unsafe-no-fsync`: what was written is safe from a crash of the program alone. */
export const withoutSync = (disk: Disk): Disk => ({
  makeFolder: (path) => disk.makeFolder(path),
  list: (path) => disk.list(path),
  open: async (path, options) => unsynced(await disk.open(path, options)),
  rename: (from, to) => disk.rename(from, to),
  remove: (path) => disk.remove(path),
  syncFolder: async () => undefined,
  lock: (path) => disk.lock(path),
})

const unsynced = (file: DiskFile): DiskFile => ({
  path: file.path,
  size: () => file.size(),
  read: (position, length) => file.read(position, length),
  write: (position, chunks) => file.write(position, chunks),
  sync: async () => undefined,
  writeSync: (position, chunks) => file.write(position, chunks),
  truncate: (size) => file.truncate(size),
  preallocate: (size) => file.preallocate(size),
  close: () => file.close(),
})
