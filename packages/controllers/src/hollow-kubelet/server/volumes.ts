import type {
  Container,
  KeyToPath,
  Pod,
  ServiceAccountTokenProjection,
  Volume,
} from '@miniplane/api'
import { type Configuration, podField } from '../container/environment.js'
import { type FileSystem, parentOf, resolvePath } from '../container/file-system.js'

type Data = Readonly<Record<string, Uint8Array>>

/** Data as files may have any bytes in them. */
export interface MountedConfiguration extends Configuration {
  configMapFiles(name: string): Data | undefined
  secretFiles(name: string): Data | undefined
  token(order: ServiceAccountTokenProjection): Uint8Array | undefined
}

/** Names of the objects that a container's volumes are filled from. */
export function volumeSources(
  pod: Pod,
  container: Container,
  kind: 'configMap' | 'secret',
): string[] {
  return mountsOf(pod, container).flatMap(({ volume }) => {
    const projected = volume.projected?.sources ?? []
    if (kind === 'configMap')
      return [volume.configMap?.name, ...projected.map((one) => one.configMap?.name)].flatMap(
        (name) => name ?? [],
      )
    return [volume.secret?.secretName, ...projected.map((one) => one.secret?.name)].flatMap(
      (name) => name ?? [],
    )
  })
}

/** The tokens of its service account that a container's volumes hold. */
export const tokenOrders = (pod: Pod, container: Container): ServiceAccountTokenProjection[] =>
  mountsOf(pod, container).flatMap(({ volume }) =>
    (volume.projected?.sources ?? []).flatMap(
      ({ serviceAccountToken }) => serviceAccountToken ?? [],
    ),
  )

/** Puts the files of a container's volumes in place; other volumes are empty folders. */
export function mountVolumes(
  files: FileSystem,
  pod: Pod,
  container: Container,
  configuration: MountedConfiguration,
  nowMs: number,
): void {
  for (const { volume, mountPath, subPath } of mountsOf(pod, container)) {
    const data = dataOf(volume, pod, configuration)
    const single = subPath === undefined ? undefined : data?.get(subPath)
    if (single) put(files, resolvePath('/', mountPath), single, nowMs)
    else files.makeFolder(resolvePath('/', mountPath), nowMs)
    if (subPath !== undefined || !data) continue
    for (const [name, bytes] of data) put(files, resolvePath(mountPath, name), bytes, nowMs)
  }
}

function put(files: FileSystem, path: string, bytes: Uint8Array, nowMs: number): void {
  files.makeFolder(parentOf(path), nowMs)
  files.write(path, bytes, nowMs)
}

function mountsOf({ spec }: Pod, { volumeMounts = [] }: Container) {
  return volumeMounts.flatMap(({ name, mountPath, subPath }) => {
    const volume = (spec.volumes ?? []).find((one) => one.name === name)
    return volume ? [{ volume, mountPath, subPath: subPath || undefined }] : []
  })
}

/** Paths within the volume, and what is there; undefined: a volume of another kind. */
function dataOf(
  { configMap, secret, downwardAPI, projected }: Volume,
  pod: Pod,
  configuration: MountedConfiguration,
): Map<string, Uint8Array> | undefined {
  const sources = projected?.sources ?? [
    ...(configMap ? [{ configMap }] : []),
    ...(secret ? [{ secret: { ...secret, name: secret.secretName ?? '' } }] : []),
    ...(downwardAPI ? [{ downwardAPI }] : []),
  ]
  if (sources.length === 0) return undefined
  const data = new Map<string, Uint8Array>()
  for (const source of sources) {
    if (source.configMap)
      chosen(
        data,
        configuration.configMapFiles(source.configMap.name ?? ''),
        source.configMap.items,
      )
    if (source.secret)
      chosen(data, configuration.secretFiles(source.secret.name ?? ''), source.secret.items)
    const order = source.serviceAccountToken
    const token = order && configuration.token(order)
    if (token) data.set(order.path, token)
    for (const { path, fieldRef } of source.downwardAPI?.items ?? [])
      data.set(path, Buffer.from((fieldRef && podField(pod, fieldRef.fieldPath)) ?? ''))
  }
  return data
}

function chosen(
  into: Map<string, Uint8Array>,
  data: Data = {},
  items: readonly KeyToPath[] | undefined,
): void {
  if (!items) for (const [key, bytes] of Object.entries(data)) into.set(key, bytes)
  for (const { key, path } of items ?? []) {
    const bytes = data[key]
    if (bytes) into.set(path, bytes)
  }
}
