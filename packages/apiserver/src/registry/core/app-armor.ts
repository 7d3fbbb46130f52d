import { type AppArmorProfile, FieldPath, type Pod, semanticEqual } from '@miniplane/api'
import { APP_ARMOR_OF } from '../validation/pod-annotations.js'

const LOCAL = 'localhost/'
const OLD = 'deprecated since v1.30; use the "appArmorProfile" field instead'

/**
 * What an annotation of old says goes into the field, and `warn` is told. The field is not written
 * back to the annotation any more. Source: KEP-24, version skew.
 */
export function copyAppArmor({ metadata, spec }: Pod, warn: (text: string) => void): void {
  const { annotations } = metadata
  if (!annotations || spec.os?.name === 'windows') return
  const whole = spec.securityContext?.appArmorProfile
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers]) {
    for (const container of list ?? []) {
      const key = `${APP_ARMOR_OF}${container.name}`
      const annotation = annotations[key]
      if (annotation === undefined || container.securityContext?.appArmorProfile) continue
      const profile = profileOf(annotation)
      if (profile && semanticEqual(profile, whole)) continue
      if (profile) {
        container.securityContext = { ...container.securityContext, appArmorProfile: profile }
      }
      warn(`${FieldPath.of('metadata', 'annotations').key(key)}: ${OLD}`)
    }
  }
}

function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const name = annotation.startsWith(LOCAL) ? annotation.slice(LOCAL.length) : ''
  return name && name.trim() === name ? { type: 'Localhost', localhostProfile: name } : undefined
}
