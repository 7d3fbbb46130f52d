import { DiskError, type DiskErrorCode } from './disk.js'

/** What the operating system's code means here, and what the operator can do about it. */
const MEANINGS: Readonly<Record<string, readonly [DiskErrorCode, string]>> = {
  ENOSPC: ['full', 'no space left on the device; free some, then start again'],
  EDQUOT: ['full', 'the disk quota is used up; raise it or free some, then start again'],
  EFBIG: ['full', 'the file would be larger than the file system allows'],
  EROFS: ['readOnly', 'the file system is read-only; mount it writable'],
  EACCES: ['readOnly', 'permission denied; give this user the right to read and write there'],
  EPERM: ['readOnly', 'not permitted; give this user the right to read and write there'],
  ENOENT: ['notFound', 'no such file or folder'],
  ENOTDIR: ['notFound', 'a part of the path is not a folder'],
  EEXIST: ['exists', 'it exists already'],
  EBADF: ['closed', 'the file is closed'],
  EIO: ['failed', 'the device reports an error; check it and restore this member elsewhere'],
}

/** `action` reads on from "cannot": "write wal/0.wal". */
export function diskError(cause: unknown, action: string, path: string, shown = path): DiskError {
  if (cause instanceof DiskError) return cause
  const { code: systemCode = '', message } = cause as NodeJS.ErrnoException
  const [code, meaning] = MEANINGS[systemCode] ?? ['failed', message]
  return new DiskError(code, path, `cannot ${action} ${shown}: ${meaning}`, { cause })
}
