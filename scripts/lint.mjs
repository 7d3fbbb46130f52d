// npm run lint: all checks run, so that one call shows everything there is to mend.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, root, runNode } from './workspace.mjs'

await prepare()
const packages = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
const checks = {
  'biome check': ['node_modules/@biomejs/biome/bin/biome', 'check'],
  knip: ['node_modules/knip/bin/knip.js', '--no-progress'],
  ...Object.fromEntries(
    packages.map((folder) => [
      `publint ${folder}`,
      ['node_modules/publint/src/cli.js', 'run', folder, '--strict', '--level', 'warning'],
    ]),
  ),
  'test/style': ['node_modules/vitest/vitest.mjs', 'run', 'test/style', '--reporter=dot'],
}
const failed = []
for (const [name, args] of Object.entries(checks)) {
  console.error(`▸ ${name}`)
  if (runNode(args) !== 0) failed.push(name)
}
if (failed.length > 0) {
  console.error(`✗ failed: ${failed.join(', ')}`)
  process.exit(1)
}
