export { type Log, silentLog } from '@miniplane/api'
