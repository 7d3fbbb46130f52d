import { deepCopy, isEqual, type KubeObject } from '@miniplane/api'
import { withTrusted } from './authentication-trust.js'

type Spec = { readonly spec?: unknown }

const AUTOUPDATE_SPEC = 'apf.kubernetes.io/autoupdate-spec'

const withSpec = (stored: KubeObject, wanted: KubeObject): KubeObject =>
  ({ ...stored, spec: (wanted as Spec).spec }) as KubeObject

/** Who has changed the spec of one that the server makes says whether that stays. */
const withOwnSpec = (stored: KubeObject, wanted: KubeObject): KubeObject =>
  stored.metadata.annotations?.[AUTOUPDATE_SPEC] === 'true' ? withSpec(stored, wanted) : stored

/** What the server has to say of an object that is there already, by kind. */
const REVISIONS: Readonly<Record<string, typeof withSpec>> = {
  FlowSchema: withOwnSpec,
  PriorityLevelConfiguration: withOwnSpec,
  Lease: withSpec,
  ConfigMap: (stored, wanted) =>
    stored.metadata.name === 'extension-apiserver-authentication'
      ? withTrusted(stored, wanted)
      : stored,
}

/** A draft of what `stored` should say by now; undefined: it does. */
export function revised(stored: KubeObject, wanted: KubeObject): KubeObject | undefined {
  const draft = REVISIONS[stored.kind ?? '']?.(stored, wanted) ?? stored
  return draft === stored || isEqual(draft, stored) ? undefined : deepCopy(draft)
}
