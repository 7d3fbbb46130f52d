// npm run build, npm run typecheck: one compiler does both, incrementally.
import { prepare } from './workspace.mjs'

await prepare()
