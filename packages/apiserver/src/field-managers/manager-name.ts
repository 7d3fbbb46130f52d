/** Longest name of a manager, in bytes. Longer ones of a user agent are cut. */
export const MANAGER_BYTES_MAX = 128

/**
 * Who writes, as `managedFields` names it: the `fieldManager` of the request, else the program that
 * its user agent begins with, without what can't be printed. Empty when nobody says.
 */
export function managerName(fieldManager: string, userAgent: string | undefined): string {
  if (fieldManager !== '' || !userAgent) return fieldManager
  const slash = userAgent.indexOf('/')
  const program = slash < 0 ? userAgent : userAgent.slice(0, slash)
  return PLAIN.test(program) ? program : printable(program)
}

/** What nearly everybody sends: printable ASCII that is short enough. */
const PLAIN = /^[\x20-\x7e]{0,128}$/
/** What Go does not call printable. */
export const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

function printable(program: string): string {
  let name = ''
  let bytes = 0
  for (const character of program) {
    if (UNPRINTABLE.test(character)) continue
    bytes += Buffer.byteLength(character)
    if (bytes > MANAGER_BYTES_MAX) break
    name += character
  }
  return name
}
