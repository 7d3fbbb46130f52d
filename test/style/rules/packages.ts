import { posix } from 'node:path'
import { importsOf } from '../imports.js'
import { isCode, lineAt, type Rule, type SourceFile, type Violation } from '../source.js'

const EVERY = ['api', 'http2', 'store', 'client', 'apiserver', 'controllers', 'kubectl-lite']

/** Who may use whom: the architecture of Kubernetes, where all reach the state through the API. */
export const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  api: [],
  http2: [],
  store: ['http2'],
  client: ['api'],
  apiserver: ['api', 'http2', 'store'],
  controllers: ['api', 'client'],
  'kubectl-lite': ['api', 'client'],
  miniplane: EVERY,
}

/** Packages with more than one public entry: what only some need and is slow to load. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  store: ['@miniplane/store', '@miniplane/store/grpc', '@miniplane/store/server'],
}

/** Also what a package's folders may not import, as [folder, forbidden folder]. */
const APART: readonly (readonly [string, string])[] = [
  ...['client', 'disk', 'lease', 'mvcc', 'node', 'peer', 'rpc', 'wal', 'watch', 'wire'].map(
    (folder): [string, string] => ['packages/store/src/raft', `packages/store/src/${folder}`],
  ),
  ['packages/store/src/mvcc', 'packages/store/src/raft'],
  ['packages/store/src/lease', 'packages/store/src/raft'],
  ['packages/store/src/watch', 'packages/store/src/raft'],
]

/** Dependencies in package.json, references in tsconfig.json, and imports all go one way. */
export const packageRule: Rule = {
  name: 'packages depend on each other one way',
  check: (files) =>
    files.flatMap((file) => {
      const [top, owner, name] = file.path.split('/')
      if (top !== 'packages' || owner === undefined) return []
      if (name === 'package.json') return checkManifest(file, owner)
      if (name === 'tsconfig.json') return checkReferences(file, owner)
      return isCode(file) ? checkImports(file, owner) : []
    }),
}

function checkManifest(file: SourceFile, owner: string): Violation[] {
  const manifest: Record<string, Record<string, string> | undefined> = JSON.parse(file.text)
  const names = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']
    .flatMap((field) => Object.keys(manifest[field] ?? {}))
    .flatMap((dependency) => packageNamed(dependency) ?? [])
  return names.flatMap((used) => judge(file, owner, used, file.text.indexOf(`${used}":`)))
}

function checkReferences(file: SourceFile, owner: string): Violation[] {
  const { references = [] }: { references?: { path: string }[] } = JSON.parse(file.text)
  return references.flatMap(({ path }) =>
    judge(file, owner, posix.basename(path), file.text.indexOf(`"${path}"`)),
  )
}

function checkImports(file: SourceFile, owner: string): Violation[] {
  return importsOf(file).flatMap(({ specifier, line }) => {
    const at = { path: file.path, line, what: `imports '${specifier}'` }
    if (specifier.startsWith('.')) {
      const target = posix.join(posix.dirname(file.path), specifier)
      if (!target.startsWith(`packages/${owner}/`))
        return [{ ...at, instead: 'import the public index of its package' }]
      const apart = APART.find(
        ([from, to]) => file.path.startsWith(`${from}/`) && target.startsWith(`${to}/`),
      )
      return apart ? [{ ...at, instead: `only packages/${owner}/src/node may wire the two` }] : []
    }
    const used = packageNamed(specifier)
    if (used === undefined) return []
    const entries = ENTRIES[used] ?? [`@miniplane/${used}`, used]
    if (!entries.includes(specifier))
      return [{ ...at, instead: `import ${entries.map((entry) => `'${entry}'`).join(' or ')}` }]
    return mayUse(owner, used) ? [] : [{ ...at, instead: allowed(owner) }]
  })
}

function judge(file: SourceFile, owner: string, used: string, index: number): Violation[] {
  if (mayUse(owner, used)) return []
  const line = lineAt(file.text, Math.max(0, index))
  return [{ path: file.path, line, what: `${owner} depends on ${used}`, instead: allowed(owner) }]
}

function mayUse(owner: string, used: string): boolean {
  return MAY_USE[owner]?.includes(used) ?? false
}

function allowed(owner: string): string {
  const names = MAY_USE[owner]
  if (names === undefined) return `say in test/style/rules/packages.ts what ${owner} may use`
  return `${owner} may use ${names.length > 0 ? names.join(', ') : 'nothing of ours'}`
}

/** The package of ours that a specifier or a dependency names. */
function packageNamed(specifier: string): string | undefined {
  return /^@miniplane\/([^/]+)/.exec(specifier)?.[1] ?? /^(miniplane)(\/|$)/.exec(specifier)?.[1]
}
