import type { Disk, DiskFile } from '../../disk/disk.js'

/** A disk on which some things are done differently. */
export const wrapDisk = (
  disk: Disk,
  wrapFile: (file: DiskFile) => Partial<DiskFile>,
  different: Partial<Disk> = {},
): Disk => ({
  makeFolder: (path) => disk.makeFolder(path),
  list: (path) => disk.list(path),
  async open(path, options) {
    const file = await disk.open(path, options)
    return { ...sameFile(file), ...wrapFile(file) }
  },
  rename: (from, to) => disk.rename(from, to),
  remove: (path) => disk.remove(path),
  syncFolder: (path) => disk.syncFolder(path),
  lock: (path) => disk.lock(path),
  ...different,
})

const sameFile = (file: DiskFile): DiskFile => ({
  path: file.path,
  size: () => file.size(),
  read: (position, length) => file.read(position, length),
  write: (position, chunks) => file.write(position, chunks),
  sync: () => file.sync(),
  writeSync: (position, chunks) => file.writeSync(position, chunks),
  truncate: (size) => file.truncate(size),
  preallocate: (size) => file.preallocate(size),
  close: () => file.close(),
})
