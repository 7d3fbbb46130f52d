import type { Clock, Random } from '@miniplane/api'
import type {
  AuthorizationMode,
  FrontProxies,
  ProxyClient,
  ServiceAccountTokens,
  StorageMediaType,
} from '@miniplane/apiserver'
import type { Log } from '@miniplane/client'

/** A user known by a bearer token. */
export interface TokenUser {
  readonly token: string
  readonly name: string
  readonly uid?: string
  readonly groups?: readonly string[]
}

/** A store outside this process: a real etcd, or a cluster of ours. */
export interface EtcdOptions {
  /** `http://host:port` or `https://host:port` of its members. */
  readonly servers: readonly string[]
  /** In front of every key. Default `/registry`. */
  readonly prefix?: string | undefined
  /** PEM texts: whom to believe, and what to show. */
  readonly tls?: {
    readonly ca?: string | Uint8Array | undefined
    readonly cert?: string | Uint8Array | undefined
    readonly key?: string | Uint8Array | undefined
  }
  readonly auth?: { readonly user: string; readonly password: string }
}

export interface HttpsPlace {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** PEM of what to show instead of a certificate that is made at the start. */
  readonly serving?: { readonly certificatePem: string; readonly privateKeyPem: string } | undefined
  /** PEM of further authorities whose client certificates are taken. */
  readonly clientAuthorities?: string | undefined
}

/** Every option has a default: `startControlPlane()` is a whole plane with two nodes. */
export interface ControlPlaneOptions {
  /** Hollow nodes `node-1`, `node-2`, …, up to 3,000. Default 2. */
  readonly nodes?: number
  /** False: the API server alone, as envtest has it. Default true. */
  readonly controllers?: boolean
  /** Default: as `controllers`. */
  readonly scheduler?: boolean
  /** Where HTTPS listens; port 0 takes a free one. False: calls within the process only. */
  readonly https?: false | HttpsPlace
  /**
   * Also write the kubeconfig to this file, mode 0600; removed when the plane is closed. A file that
   * no plane wrote is left alone, and starting fails with `EEXIST`.
   */
  readonly kubeconfigPath?: string
  /** Further users; the admin of the kubeconfig is always there. */
  readonly users?: readonly TokenUser[]
  /** Where the state is. Default: in this process, in memory, gone when the plane is closed. */
  readonly etcd?: EtcdOptions
  /**
   * A folder of this process's store: the state outlives the plane, and what was acknowledged outlives
   * a crash. One plane at a time has it.
   */
  readonly dataDir?: string
  /** What objects are written to the store as; both forms are read. Default `application/json`. */
  readonly storageMediaType?: StorageMediaType
  /** Where cluster IPs come from. Default 10.0.0.0/24. */
  readonly serviceCidr?: string
  /** Who decides what a user may do, in this order. Default: Node, RBAC. */
  readonly authorizationModes?: readonly AuthorizationMode[]
  /** Who shows no credentials is the anonymous user. Default: true, but for AlwaysAllow. */
  readonly anonymousAuth?: boolean
  /** What is shown to the servers behind APIServices. Default: nothing. */
  readonly proxyClient?: ProxyClient | undefined
  /** Proxies that say in headers who asks. Default: none is believed. */
  readonly frontProxies?: FrontProxies | undefined
  /** Keys, issuers and audiences of service accounts' tokens. Default: the plane's own. */
  readonly serviceAccountTokens?: ServiceAccountTokens
  /** Admission plugins beside the default ones, by the real server's names. */
  readonly enableAdmissionPlugins?: readonly string[]
  readonly disableAdmissionPlugins?: readonly string[]
  /** Default: the machine's. */
  readonly clock?: Clock
  readonly random?: Random
  /** Default: silent. */
  readonly log?: Log
}
