import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the project; `path` is relative to the root and has forward slashes. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** One break of one rule. `instead` says what to do about it. */
export interface Violation {
  readonly path: string
  readonly line: number
  readonly what: string
  readonly instead: string
}

/** A rule looks at the whole project at once, since some rules are about how files relate. */
export interface Rule {
  readonly name: string
  check(files: readonly SourceFile[]): Violation[]
}

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** Every file that git holds or would hold: what is ignored is nobody's source. */
export function projectFiles(): SourceFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  return [...new Set(listed.split('\0'))]
    .filter(
      (path) => path !== '' && !path.startsWith('test/corpus/') && existsSync(join(root, path)),
    )
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

export function isCode({ path }: SourceFile): boolean {
  return /\.(ts|tsx|mts|mjs|js)$/.test(path) && !path.endsWith('.d.mts')
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}

export function format(violation: Violation): string {
  return `${violation.path}:${violation.line}: ${violation.what}; ${violation.instead}`
}

/** A violation for every match of `pattern` (global) in `searched`, which is as long as the text. */
export function matches(
  path: string,
  searched: string,
  pattern: RegExp,
  instead: string,
): Violation[] {
  return [...searched.matchAll(pattern)].map((match) => ({
    path,
    line: lineAt(searched, match.index),
    what: match[0].replace(/\s+/g, ' ').trim(),
    instead,
  }))
}
