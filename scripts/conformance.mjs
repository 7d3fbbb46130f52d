// npm run conformance [-- --update] [SUITE ...]: plays the recordings and prints a table by file.
import { becomeNode, prepare } from './workspace.mjs'

await prepare()
becomeNode(['--import', 'tsx', 'test/conformance/update.ts', ...process.argv.slice(2)])
