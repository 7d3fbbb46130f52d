export { type Output, RecordedOutput } from './output.js'
export { run } from './run.js'
export type { Environment } from './session/environment.js'
