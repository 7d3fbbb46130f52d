// npm run simulate -- --seeds N --minutes M: whole clusters of the store, as seeds have it.
import { prepare, runNode } from './workspace.mjs'

await prepare()
process.exit(runNode(['packages/store/dist/simulation/main.js', ...process.argv.slice(2)]))
