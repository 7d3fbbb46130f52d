import type { KubeObject, PodSpec } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { CommandError } from '../../errors/errors.js'
import type { Info } from '../../resolve/info.js'
import { podSpecOf } from '../../workload/pod-template.js'
import { splitAtChanges, updateFlags, updateObjects } from './update-objects.js'

export const setImage = defineCommand({
  usage:
    'image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N [options]',
  summary: 'Update the image of a pod template',
  examples: ['kubectl set image deployment/web web=nginx:1.28'],
  flags: updateFlags,
  async run(session, { args, flags }) {
    const { targets, changes } = splitAtChanges(args, (word) => word.includes('='))
    const images = changes.map((word): [string, string] => {
      const equals = word.indexOf('=')
      return [word.slice(0, equals), word.slice(equals + 1)]
    })
    if (images.length > 1 && images.some(([name]) => name === '*')) {
      throw new CommandError(
        'all containers are already specified by *, but saw more than one container_name=container_image pairs',
      )
    }
    return updateObjects(session, targets, flags, {
      done: 'image updated',
      failure: 'failed to patch image update to pod template:',
      check() {
        if (changes.length === 0) throw new CommandError('at least one image update is required')
      },
      change: (draft, info) => changeImages(specOf(draft, info), images),
    })
  },
})

export function specOf(draft: KubeObject, info: Info): PodSpec {
  const spec = podSpecOf(draft)
  if (spec) return spec
  const { resource, group, version, kind } = info.resource
  const prefix = group === '' ? resource : `${resource}.${group}`
  throw new CommandError(
    `${prefix}/${info.name} the object is not a pod or does not have a pod template: *${version}.${kind}`,
  )
}

function changeImages(spec: PodSpec, images: readonly [string, string][]): void {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])]
  for (const [wanted, image] of images) {
    const chosen = containers.filter(({ name }) => wanted === '*' || name === wanted)
    if (chosen.length === 0) {
      throw new CommandError(`unable to find container named ${JSON.stringify(wanted)}`)
    }
    for (const container of chosen) container.image = image
  }
}
