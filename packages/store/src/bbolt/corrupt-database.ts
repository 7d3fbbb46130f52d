/** Bytes that are no database; nothing was changed. Says where: page and offset in the file. */
export class CorruptDatabase extends Error {
  override readonly name = 'CorruptDatabase'
}
