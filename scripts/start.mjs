// npm start [-- --exit]: everything from a fresh clone to a Deployment that runs.
import { becomeNode, prepare } from './workspace.mjs'

await prepare({ project: 'packages/miniplane' })
becomeNode(['packages/miniplane/bin/miniplane.cjs', 'start', ...process.argv.slice(2)])
