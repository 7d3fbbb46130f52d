import { readFileSync } from 'node:fs'
import type { TokenUser } from '../options.js'

const FIELD = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g

/**
 * Users by tokens, one a line: `token,user,uid` and, in quotes when there are several, groups.
 * Throws when a line has less than three columns.
 * Source: the real server's --token-auth-file.
 */
export function readTokens(file: string): TokenUser[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/)
  return lines.filter((line) => line.trim() !== '').map((line, i) => tokenOf(line, i, file))
}

function tokenOf(line: string, index: number, file: string): TokenUser {
  const [token = '', name, uid, groups = ''] = [...line.matchAll(FIELD)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '',
  )
  if (token === '' || name === undefined || uid === undefined)
    throw new Error(`${file}: line ${index + 1} is not token,user,uid`)
  return { token, name, uid, groups: groups.split(',').filter(Boolean) }
}
