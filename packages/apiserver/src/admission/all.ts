import type { AdmissionPlugin } from './admission.js'
import { defaultIngressClass } from './plugins/default-ingress-class.js'
import { defaultStorageClass } from './plugins/default-storage-class.js'
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.js'
import { limitRanger } from './plugins/limit-ranger.js'
import { namespaceLifecycle } from './plugins/namespace-lifecycle.js'
import { podSecurity } from './plugins/pod-security.js'
import { priority } from './plugins/priority.js'
import { resourceQuota } from './plugins/resource-quota.js'
import { runtimeClass } from './plugins/runtime-class.js'
import { serviceAccount } from './plugins/service-account.js'
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection.js'
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.js'

/** In the real server's order, which decides who sees whose changes. */
const DEFAULT_PLUGINS: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  taintNodesByCondition,
  podSecurity,
  priority,
  defaultTolerationSeconds,
  defaultStorageClass,
  storageObjectInUseProtection,
  runtimeClass,
  defaultIngressClass,
  resourceQuota, // last, when it is certain what the object will take
]

export interface AdmissionOptions {
  /** Names of plugins to leave out, as `--disable-admission-plugins` takes them. */
  readonly disabled?: readonly string[]
}

/** The plugins that a server runs unless told otherwise. */
export function defaultAdmissionPlugins({
  disabled = [],
}: AdmissionOptions = {}): AdmissionPlugin[] {
  return DEFAULT_PLUGINS.filter(({ name }) => !disabled.includes(name))
}
