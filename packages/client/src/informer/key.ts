import type { KubeObject } from '@miniplane/api'

/** `namespace/name`, or `name` for what lives outside namespaces. */
export function keyOf(object: KubeObject): string {
  const { namespace, name = '' } = object.metadata
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`
}

/** The reverse of `keyOf`. */
export function splitKey(key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/')
  if (slash < 0) return { namespace: undefined, name: key }
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
