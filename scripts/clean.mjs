// npm run clean: removes everything that a build or a test run makes; node_modules stays.
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const perPackage = readdirSync(join(root, 'packages')).flatMap((name) => [
  `packages/${name}/dist`,
  `packages/${name}/bundle`,
  `packages/${name}/src/generated`,
])
for (const path of [...perPackage, 'test/dist', 'test/clients/bin', 'coverage'])
  rmSync(join(root, path), { recursive: true, force: true })
