// npm run clients [-- LANGUAGE ...]: builds the judges in the languages named (go, node, python, rust,
// java; all of them when none is) and lets them judge.
import { spawnSync } from 'node:child_process'
import { becomeNode, prepare } from './workspace.mjs'

const languages = process.argv.slice(2)
const wanted = languages.length > 0 ? languages : ['go', 'node', 'python', 'rust', 'java']
await prepare()
const { status } = spawnSync('test/clients/build.sh', wanted, { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
becomeNode(['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', 'test/clients'])
