import type { Container, EnvVar, Pod, Service } from '@miniplane/api'
import { serviceVariables } from './service-variables.js'

/** What a container's environment is made from beside its own Pod; absent: there is none. */
export interface Configuration {
  configMap(name: string): Readonly<Record<string, string>> | undefined
  secret(name: string): Readonly<Record<string, string>> | undefined
  /** Those that the container is told of. */
  readonly services: readonly Service[]
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** As a kubelet makes it; a reference that leads nowhere leaves its variable out. */
export function environmentOf(
  pod: Pod,
  container: Container,
  configuration: Configuration,
): Map<string, string> {
  const env = new Map([
    ['PATH', PATH],
    ['HOSTNAME', hostnameOf(pod)],
    ['HOME', '/root'],
  ])
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const values = configMapRef
      ? configuration.configMap(configMapRef.name ?? '')
      : configuration.secret(secretRef?.name ?? '')
    for (const [name, value] of Object.entries(values ?? {})) env.set(prefix + name, value)
  }
  // Its own variables may refer to those of Services, and win over them.
  const ofServices = serviceVariables(configuration.services)
  const known = new Map([...ofServices, ...env])
  for (const variable of container.env ?? []) {
    const value = variableValue(variable, pod, container, configuration, known)
    if (value === undefined) continue
    env.set(variable.name, value)
    known.set(variable.name, value)
  }
  for (const [name, value] of ofServices) if (!env.has(name)) env.set(name, value)
  return env
}

/** The name of the host that a Pod is to its processes. */
export const hostnameOf = ({ metadata, spec }: Pod): string =>
  spec.hostNetwork ? (spec.nodeName ?? '') : (spec.hostname ?? metadata.name ?? '').slice(0, 63)

function variableValue(
  { value, valueFrom }: EnvVar,
  pod: Pod,
  container: Container,
  configuration: Configuration,
  env: ReadonlyMap<string, string>,
): string | undefined {
  if (!valueFrom) return expandReferences(value ?? '', env)
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom
  if (fieldRef) return podField(pod, fieldRef.fieldPath)
  if (configMapKeyRef)
    return configuration.configMap(configMapKeyRef.name ?? '')?.[configMapKeyRef.key]
  if (secretKeyRef) return configuration.secret(secretKeyRef.name ?? '')?.[secretKeyRef.key]
  if (!resourceFieldRef) return undefined
  const [kind = '', name = ''] = resourceFieldRef.resource.split('.')
  const amounts = container.resources?.[kind as 'limits' | 'requests']
  return amounts?.[name] === undefined ? '0' : String(amounts[name])
}

/** `$(NAME)` of a variable that is known; `$$` is a dollar. Source: the API's rules for `env`. */
export const expandReferences = (text: string, env: ReadonlyMap<string, string>): string =>
  text.replace(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env.get(name) ?? whole),
  )

/** What the Downward API gives for a field of the Pod; undefined for one that it does not. */
export function podField(pod: Pod, path: string): string | undefined {
  const { metadata, spec, status } = pod
  const key = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
  if (key) return metadata[key[1] as 'labels' | 'annotations']?.[key[2] ?? ''] ?? ''
  switch (path) {
    case 'metadata.name':
      return metadata.name ?? ''
    case 'metadata.namespace':
      return metadata.namespace ?? ''
    case 'metadata.uid':
      return metadata.uid ?? ''
    case 'metadata.labels':
      return keyLines(metadata.labels)
    case 'metadata.annotations':
      return keyLines(metadata.annotations)
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
      return status.hostIP ?? ''
    case 'status.hostIPs':
      return (status.hostIPs ?? []).map(({ ip }) => ip).join(',')
    case 'status.podIP':
      return status.podIP ?? ''
    case 'status.podIPs':
      return (status.podIPs ?? []).map(({ ip }) => ip).join(',')
    default:
      return undefined
  }
}

const keyLines = (map: Readonly<Record<string, string>> = {}): string =>
  Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
