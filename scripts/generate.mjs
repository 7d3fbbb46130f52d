// npm run generate: what the build needs and git does not hold.
import { generate, install } from './workspace.mjs'

await install()
generate()
