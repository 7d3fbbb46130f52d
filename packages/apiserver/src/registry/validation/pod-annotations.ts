import {
  type AppArmorProfile,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  jsonSyntaxError,
  type ObjectMeta,
  type Pod,
  type PodSpec,
  type SeccompProfile,
  type Toleration,
} from '@miniplane/api'
import { localDescendingPath } from './paths.js'
import { MIRROR } from './pod-resize.js'
import { validateTolerations } from './scheduling.js'
import { containersOf } from './windows.js'

const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations'
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_OF = 'container.seccomp.security.alpha.kubernetes.io/'
export const APP_ARMOR_OF = 'container.apparmor.security.beta.kubernetes.io/'
const SECCOMP_PROFILES = new Set(['runtime/default', 'docker/default', 'unconfined'])
const APP_ARMOR_PROFILES = new Set(['', 'runtime/default', 'unconfined'])
const LOCAL = 'localhost/'

type Annotations = Readonly<Record<string, string>> | undefined

/** Annotations that mean something to a Pod: those that came before the fields, and a few more. */
export function validatePodAnnotations(
  { annotations }: ObjectMeta,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
  stored?: ObjectMeta,
): void {
  if (!annotations) return
  const mirror = annotations[MIRROR]
  if (mirror !== undefined && !spec.nodeName) {
    const detail = 'must set spec.nodeName if mirror pod annotation is set'
    errors.push(invalidValue(path.key(MIRROR), mirror, detail))
  }
  if (annotations[TOLERATIONS]) validateTolerationText(annotations[TOLERATIONS], path, errors)
  // What was wrong before may stay so.
  if (isCostWrong(annotations) && !isCostWrong(stored?.annotations)) {
    const at = path.key(DELETION_COST)
    errors.push(invalidValue(at, annotations[DELETION_COST], 'must be a 32bit integer'))
  }
  for (const key in annotations) {
    if (key !== SECCOMP && !key.startsWith(SECCOMP_OF)) continue
    validateSeccomp(annotations[key] ?? '', path.child(key), errors)
  }
  for (const key in annotations) {
    if (!key.startsWith(APP_ARMOR_OF)) continue
    const container = key.slice(APP_ARMOR_OF.length)
    validateAppArmor(container, annotations[key] ?? '', spec, path.key(key), errors)
  }
}

function validateTolerationText(text: string, path: FieldPath, errors: FieldError[]): void {
  const fault = jsonSyntaxError(Buffer.from(text))
  if (fault !== undefined) errors.push(invalidValue(path, TOLERATIONS, fault))
  else {
    const tolerations = JSON.parse(text) as Toleration[] | null
    if (Array.isArray(tolerations)) {
      validateTolerations(tolerations, path.child(TOLERATIONS), errors)
    }
  }
}

/** No sign but minus, no zeros before the number. */
function isCostWrong(annotations: Annotations): boolean {
  const cost = annotations?.[DELETION_COST]
  if (cost === undefined) return false
  return !/^(0|-[0-9]+|[1-9][0-9]*)$/.test(cost) || Number(cost) !== (Number(cost) | 0)
}

function validateSeccomp(profile: string, path: FieldPath, errors: FieldError[]): void {
  if (SECCOMP_PROFILES.has(profile)) return
  if (profile.startsWith(LOCAL)) localDescendingPath(profile.slice(LOCAL.length), path, errors)
  else errors.push(invalidValue(path, profile, 'must be a valid seccomp profile'))
}

function validateAppArmor(
  container: string,
  profile: string,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const lists = [spec.initContainers, spec.containers, spec.ephemeralContainers]
  if (!lists.some((list) => list?.some(({ name }) => name === container))) {
    errors.push(invalidValue(path, container, 'container not found'))
  }
  if (APP_ARMOR_PROFILES.has(profile) || profile.startsWith(LOCAL)) return
  const detail = `invalid AppArmor profile name: ${JSON.stringify(profile)}`
  errors.push(invalidValue(path, profile, detail))
}

/** What a node has made of a Pod it reads from its annotations: they stay. */
export function validatePodAnnotationUpdate(
  draft: Pod,
  stored: Pod,
  path: FieldPath,
  errors: FieldError[],
): void {
  const [after = {}, before = {}] = [draft.metadata.annotations, stored.metadata.annotations]
  const refuse = (key: string, what: string) => {
    if (key.startsWith(APP_ARMOR_OF)) {
      errors.push(forbiddenField(path.key(key), `may not ${what} AppArmor annotations`))
    }
    if (key === MIRROR) {
      errors.push(forbiddenField(path.key(key), `may not ${what} mirror pod annotation`))
    }
  }
  for (const key in before) if (after[key] !== before[key]) refuse(key, 'remove or update')
  for (const key in after) if (before[key] === undefined) refuse(key, 'add')
  validatePodAnnotations(draft.metadata, draft.spec, path, errors, stored.metadata)
}

/** Whoever writes both the annotation and the field has to say the same twice. */
export function validateProfilesMatch(
  annotations: Annotations,
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!annotations) return
  const { securityContext: whole } = spec
  const at = path.child('securityContext', 'seccompProfile')
  matchSeccomp(annotations[SECCOMP], whole?.seccompProfile, at, errors)
  for (const [{ name, securityContext }, field] of containersOf(spec, path)) {
    const own = field.child('securityContext', 'seccompProfile')
    matchSeccomp(annotations[`${SECCOMP_OF}${name}`], securityContext?.seccompProfile, own, errors)
  }
  if (spec.os?.name === 'windows') return
  for (const [{ name, securityContext }, field] of containersOf(spec, path)) {
    const profile = securityContext?.appArmorProfile ?? whole?.appArmorProfile
    const own = field.child('securityContext', 'appArmorProfile')
    matchProfile(annotations[`${APP_ARMOR_OF}${name}`], profile, 'apparmor', own, errors)
  }
}

function matchSeccomp(
  annotation: string | undefined,
  profile: SeccompProfile | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const shown = annotation === 'docker/default' ? 'runtime/default' : annotation
  matchProfile(shown, profile, 'seccomp', path, errors)
}

function matchProfile(
  annotation: string | undefined,
  profile: AppArmorProfile | SeccompProfile | undefined,
  what: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (annotation === undefined || !profile) return
  const expected = profileText(profile)
  if (expected === undefined || annotation === expected) return
  const isLocal = profile.type === 'Localhost' && annotation.startsWith(LOCAL)
  const [field, name] = isLocal ? ['localhostProfile', 'profile'] : ['type', 'type']
  errors.push(
    forbiddenField(path.child(field), `${what} ${name} in annotation and field must match`),
  )
}

/** A profile as its annotation says it; undefined for one that no annotation can say. */
function profileText({
  type,
  localhostProfile,
}: AppArmorProfile | SeccompProfile): string | undefined {
  if (type === 'Unconfined') return 'unconfined'
  if (type === 'RuntimeDefault') return 'runtime/default'
  return type === 'Localhost' ? `${LOCAL}${localhostProfile ?? ''}` : undefined
}
