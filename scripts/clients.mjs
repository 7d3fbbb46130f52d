// npm run clients [-- LANGUAGE ...]: builds the judges in the languages named (go, node, python, rust,
// java; all of them when none is) and lets them judge. `etcd` and `components` (the real controllers
// and scheduler) take longer to build and only come when named.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { becomeNode, prepare, root } from './workspace.mjs'

const languages = process.argv.slice(2)
const wanted = languages.length > 0 ? languages : ['go', 'node', 'python', 'rust', 'java']
await prepare()
const { status } = spawnSync('bash', [join(root, 'test/clients', 'build.sh'), ...wanted], {
  stdio: 'inherit',
})
if (status !== 0) process.exit(status ?? 1)
becomeNode(['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', 'test/clients'])
