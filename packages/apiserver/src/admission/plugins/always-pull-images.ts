import { type Container, type FieldError, FieldPath, notSupported, type Pod } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { objectAs, refuse } from './request-kinds.js'

/** Nobody uses an image that a node has and that they may not pull themselves. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  handles: (operation, { group, resource }, subresource) =>
    group === '' &&
    resource === 'pods' &&
    (subresource === '' || subresource === 'ephemeralcontainers') &&
    (operation === 'CREATE' || operation === 'UPDATE'),
  admit(request) {
    if (keepsImages(request)) return
    const { spec } = objectAs<Pod>(request)
    for (const [container] of containersOf(spec)) container.imagePullPolicy = 'Always'
    for (const { image } of spec.volumes ?? []) if (image) image.pullPolicy = 'Always'
  },
  validate(request) {
    if (keepsImages(request)) return
    const errors: FieldError[] = []
    for (const [container, path] of containersOf(objectAs<Pod>(request).spec)) {
      if (container.imagePullPolicy === 'Always') continue
      const at = path.child('imagePullPolicy')
      errors.push(notSupported(at, container.imagePullPolicy ?? '', ['Always']))
    }
    const texts = errors.map(({ field, message }) => `${field}: ${message}`)
    if (texts.length === 1) throw refuse(request, texts[0] ?? '')
    if (texts.length > 1) throw refuse(request, `[${texts.join(', ')}]`)
  },
}

function* containersOf(spec: Pod['spec']): Generator<readonly [Container, FieldPath]> {
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [i, container] of (spec[kind] ?? []).entries()) {
      yield [container as Container, FieldPath.of('spec', kind).index(i)]
    }
  }
}

/** An update that brings no new image is none of our business. */
function keepsImages({ operation, object, oldObject }: AdmissionRequest): boolean {
  if (operation !== 'UPDATE') return false
  const imagesOf = (pod: unknown) =>
    [...containersOf((pod as Pod).spec)].map(([{ image }]) => image ?? '')
  const known = new Set(imagesOf(oldObject))
  return imagesOf(object).every((image) => known.has(image))
}
