export type { GrpcStore } from './connect-store.js'
export { connectStore } from './connect-store.js'
export type { GrpcLimits, GrpcStoreOptions, GrpcTlsOptions } from './options.js'
export { defaultGrpcLimits } from './options.js'
