import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const MAINS = {
  etcd: '../../packages/store/src/main.ts',
  'kube-apiserver': '../../packages/miniplane/src/kube-apiserver/main.ts',
}

/**
 * Our programs from their sources, each as few files, since they are started often: `<name>.js` in a
 * folder that goes with this process.
 */
export async function bundlePrograms(...names: readonly (keyof typeof MAINS)[]): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), 'programs-'))
  process.on('exit', () => rmSync(outdir, { recursive: true, force: true }))
  writeFileSync(join(outdir, 'package.json'), '{"type":"module"}')
  await build({
    entryPoints: names.map((name) => ({
      out: name,
      in: fileURLToPath(new URL(MAINS[name], import.meta.url)),
    })),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'\nconst require = createRequireOfBundle(import.meta.url)",
    },
    logLevel: 'error',
  })
  return outdir
}
