// npm test [-- FILTER ...]: all suites, or those whose path contains a filter.
import { becomeNode, prepare } from './workspace.mjs'

await prepare()
becomeNode(['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)])
