export type {
  AdmissionOperation,
  AdmissionPlugin,
  AdmissionRequest,
} from './admission/admission.js'
export type { StaticToken } from './authn/authenticator.js'
export type { FrontProxies } from './authn/front-proxy.js'
export type { ServiceAccountTokens } from './authn/service-account-tokens.js'
export type { AccessAttributes, Authorizer, Verdict } from './authz/authorizer.js'
export { AUTHORIZATION_MODES, type AuthorizationMode } from './authz/modes.js'
export type { CauseLog, CauseQuery } from './causes/cause-log.js'
export { CAUSES_PATH } from './causes/handle-causes.js'
export { versionInfo } from './discovery/version.js'
export { type HttpsEdge, type HttpsOptions, listenHttps } from './edge/https.js'
export { type Limits, limits as defaultLimits } from './limits.js'
export type { Log } from './log.js'
export type { ApiServerOptions } from './options.js'
export type { AuditRecord, AuditSink } from './pipeline/audit.js'
export type { FaultInjector } from './pipeline/faults.js'
export type { RequestInfo } from './pipeline/request-info.js'
export type { RequestContext, UserInfo } from './pipeline/stage.js'
export { type ApiServer, createApiServer } from './server.js'
export { storagePrefix } from './storage/keys.js'
export { STORAGE_MEDIA_TYPES, type StorageMediaType } from './storage/media-type.js'
