import { posix } from 'node:path'
import { blank } from './scan.js'
import { isCode, lineAt, type SourceFile } from './source.js'

export interface Import {
  readonly specifier: string
  readonly line: number
}

const FROM = /(?:^|[;\n}])\s*(?:import|export)\b[^;'"`]*?\bfrom\s*(['"])(?<specifier>[^'"\n]+)\1/g
const BARE = /\bimport\s*\(?\s*(['"])(?<specifier>[^'"\n]+)\1/g

/** Static, re-exporting, side-effect and dynamic imports of one file. */
export function importsOf({ text }: SourceFile): Import[] {
  const code = blank(text, { comments: true })
  return [FROM, BARE].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => ({
      specifier: match.groups?.specifier ?? '',
      line: lineAt(code, match.index + match[0].length),
    })),
  )
}

/** Which project file imports which, with the line; imports of packages are left out. */
export type ImportGraph = ReadonlyMap<string, ReadonlyMap<string, number>>

export function importGraph(files: readonly SourceFile[]): ImportGraph {
  const known = new Set(files.map(({ path }) => path))
  return new Map(
    files.filter(isCode).map((file) => {
      const targets = new Map<string, number>()
      for (const { specifier, line } of importsOf(file)) {
        const target = resolve(file.path, specifier, known)
        if (target !== undefined) targets.set(target, line)
      }
      return [file.path, targets]
    }),
  )
}

function resolve(from: string, specifier: string, known: ReadonlySet<string>): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = posix.join(posix.dirname(from), specifier)
  return [path.replace(/\.js$/, '.ts'), path, path.replace(/\.js$/, '.tsx')].find((candidate) =>
    known.has(candidate),
  )
}
