export type { Clock } from './clock.js'
export type { Http2Limits } from './limits.js'
export { defaultLimits } from './limits.js'
export type {
  HeaderFields,
  RequestHead,
  ServerConnection,
  ServerStream,
  StreamReceiver,
} from './stream.js'
