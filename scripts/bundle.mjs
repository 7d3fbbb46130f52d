// Makes one file of each program: what takes time at a start is finding, reading and linking the
// modules, not running them (docs/adr/0006-programs-are-bundled.md). What is loaded later stays in
// files of its own. The libraries' entry points are not bundled.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './workspace.mjs'

// Packages written for require() find it here. A name of our own: they may declare others.
const REQUIRE = [
  "import { createRequire as createRequireOfBundle } from 'node:module'",
  'const require = createRequireOfBundle(import.meta.url)',
].join('\n')

/** By package: a program's name in bundle/, and what it begins with. */
const PROGRAMS = {
  'kubectl-lite': { main: 'dist/main.js' },
  miniplane: { main: 'dist/main.js' },
  store: { etcd: 'dist/main.js', etcdutl: 'dist/etcdutl/main.js' },
}

for (const [name, programs] of Object.entries(PROGRAMS)) {
  const folder = join(root, 'packages', name)
  // Beside dist/, so that a path relative to a file at its top means the same in both.
  const outdir = join(folder, 'bundle')
  rmSync(outdir, { recursive: true, force: true })
  await build({
    entryPoints: Object.entries(programs).map(([out, file]) => ({ out, in: join(folder, file) })),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: { js: REQUIRE },
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  })
}
