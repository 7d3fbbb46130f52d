import { isObject } from '../../resolve/documents.js'
import { changeFields } from '../field-path.js'
import type { Image } from '../kustomization.js'
import type { BuildResource } from '../resource.js'

/** Gives the containers that run an image another one, wherever containers are listed. */
export function changeImage(resource: BuildResource, image: Image): void {
  if (resource.id.kind === 'CustomResourceDefinition') return
  const change = (value: unknown) => (typeof value === 'string' ? withImage(value, image) : value)
  resource.object = inContainers(resource.object, change) as typeof resource.object
  const volumes = ['spec', 'spec/template/spec'].map((spec) => ({
    path: `${spec}/volumes[]/image/reference`,
  }))
  changeFields(resource, volumes, change)
}

function inContainers(value: unknown, change: (image: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => inContainers(item, change))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => {
      const isContainers = key === 'containers' || key === 'initContainers'
      if (!isContainers || !Array.isArray(part)) return [key, inContainers(part, change)]
      const changed = part.map((item) =>
        isObject(item) && 'image' in item ? { ...item, image: change(item.image) } : item,
      )
      return [key, changed]
    }),
  )
}

/** `registry:5000/name:tag@sha256:…` */
const REFERENCE = /^([^/]*\/.*?|[^/:@]*?)(?::([^/@:]*))?(?:@(.*))?$/

function withImage(reference: string, image: Image): string {
  const matches = new RegExp(`^${image.name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)
  if (!matches.test(reference)) return reference
  const [, old = reference, oldTag = '', oldDigest = ''] = REFERENCE.exec(reference) ?? []
  const { newName = '', newTag = '', digest = '', tagSuffix = '' } = image
  const name = newName || old
  const replaced = newTag !== '' || digest !== ''
  const tag = replaced ? newTag : `${oldTag}${tagSuffix}`
  const hash = replaced ? digest : tagSuffix === '' ? oldDigest : ''
  return `${name}${tag === '' ? '' : `:${tag}`}${hash === '' ? '' : `@${hash}`}`
}
