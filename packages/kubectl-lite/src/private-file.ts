import { writeFileSync } from 'node:fs'

/** Writes a file for the user's eyes only. */
export const writePrivate = (path: string, text: string): void =>
  writeFileSync(path, text, { mode: 0o600 })
