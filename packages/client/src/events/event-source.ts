import { apiVersionOf, type coreV1, type KubeObject } from '@miniplane/api'

export type EventType = 'Normal' | 'Warning'

/** What happened, in the words that people search for. */
export interface EventDetails {
  readonly type: EventType
  /** One CamelCase word. */
  readonly reason: string
  readonly message: string
  /** What was done or tried; events.k8s.io only. */
  readonly action?: string
  /** A second object that took part. */
  readonly related?: coreV1.ObjectReference
}

/** Who reports. `style` is the API group the events are written through. */
export interface EventSource {
  /** Such as `deployment-controller`. */
  readonly component: string
  readonly host?: string
  readonly style?: 'core' | 'events.k8s.io'
}

/** How an event names the object it is about. */
export function objectReference(object: KubeObject, fieldPath?: string): coreV1.ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata
  return {
    ...(object.kind === undefined ? {} : { kind: object.kind }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  }
}

/** The same for an object that does not carry its kind. */
export const referenceOf = (
  object: KubeObject,
  gvk: { readonly group: string; readonly version: string; readonly kind: string },
): coreV1.ObjectReference =>
  objectReference({ ...object, kind: gvk.kind, apiVersion: apiVersionOf(gvk) })
