// Makes few files of each program: what takes time at a start is finding, reading and linking the
// modules, not running them (docs/adr/0006-programs-are-bundled.md). What is loaded later stays in
// files of its own. They are scripts, not modules, so that launch.cjs can run them as V8 compiled them
// the last time (docs/adr/0016-code-cache.md). The libraries' entry points are not bundled.
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build, transform } from 'esbuild'
import { root } from './workspace.mjs'

const SHARED = { platform: 'node', target: 'node20.19', logLevel: 'warning' }

/** Where the hash goes; there from the start, so that the source map counts it. */
const FIRST_LINE = '// build'

const OWN_URL = "const importMetaUrl = require('node:url').pathToFileURL(__filename).href"

/** esbuild leaves regular expressions and comments as they are; launch.cjs reads bytes as characters. */
const NOT_ASCII = /[^\0-\x7f]/g

/** By package: a program's name in bundle/, and what it begins with. */
const PROGRAMS = {
  'kubectl-lite': { 'kubectl-lite': 'dist/main.js' },
  miniplane: { miniplane: 'dist/main.js', 'kube-apiserver': 'dist/kube-apiserver/main.js' },
  store: { etcd: 'dist/main.js', etcdutl: 'dist/etcdutl/main.js' },
}

for (const [name, programs] of Object.entries(PROGRAMS)) {
  const folder = join(root, 'packages', name)
  // Beside dist/, so that a path relative to a file at its top means the same in both.
  const outdir = join(folder, 'bundle')
  // Only modules can be split.
  const { outputFiles } = await build({
    ...SHARED,
    entryPoints: Object.entries(programs).map(([out, file]) => ({ out, in: join(folder, file) })),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    sourcemap: 'inline',
    sourcesContent: false,
    write: false,
  })
  const scripts = await Promise.all(outputFiles.map(({ path, text }) => asScript(path, text)))
  rmSync(outdir, { recursive: true, force: true })
  mkdirSync(outdir)
  for (const { file, code, map } of scripts) {
    writeFileSync(join(outdir, file), code)
    writeFileSync(join(outdir, `${file}.map`), map)
  }
  copyFileSync(join(root, 'scripts', 'launch.cjs'), join(outdir, 'launch.cjs'))
}

/** A module as a CommonJS script. Its first line is its build's, and differs when anything does. */
async function asScript(path, module) {
  const file = `${basename(path, '.js')}.cjs`
  const { code, map } = await transform(module.replace(/^#!.*/, ''), {
    ...SHARED,
    format: 'cjs',
    banner: module.includes('import.meta.url') ? `${FIRST_LINE}\n${OWN_URL}` : FIRST_LINE,
    sourcefile: file,
    sourcemap: 'external',
    sourcesContent: false,
    define: { 'import.meta.url': 'importMetaUrl' },
    // Scripts of this folder load each other, at once or later, by the launcher's `require`.
    supported: { 'dynamic-import': false },
  })
  const script = code
    .replaceAll(/\brequire\("(\.\/[^"/]+)\.js"\)/g, 'require("$1.cjs")')
    .replaceAll(NOT_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const hash = createHash('sha256').update(script).digest('hex')
  const named = script.replace(FIRST_LINE, `// ${hash}`)
  return { file, code: `${named}//# sourceMappingURL=${file}.map\n`, map }
}
