export type { Clock } from './clock.js'
export { ErrorCode } from './errors.js'
export type { KeepAliveOptions } from './keep-alive.js'
export type { Http2Limits } from './limits.js'
export { defaultLimits } from './limits.js'
export { type RequestHandler, type ServeOptions, serveHttp2 } from './serve.js'
export type {
  Bytes,
  HeaderFields,
  RequestHead,
  ServerConnection,
  ServerStream,
  StreamReceiver,
} from './stream.js'
