import {
  type AppArmorProfile,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  type PodSecurityContext,
  type PodSpec,
  required,
  type SeccompProfile,
  type SecurityContext,
  type Sysctl,
  tooLong,
} from '@miniplane/api'
import { goForm } from './go-struct.js'
import { INT32_MAX, inRange } from './numbers.js'
import { oneOf } from './object-meta.js'
import { localDescendingPath } from './paths.js'
import { securityContextStruct } from './pod-go-struct.js'
import { validateWindowsOptions } from './windows.js'

const SYSCTL_NAME = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/
const SYSCTL_NAME_MAX = 253
/** The longest path of Linux. */
const APP_ARMOR_BYTES_MAX = 4095

export function validateSecurityContext(
  context: SecurityContext | undefined,
  hostUsers: boolean,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!context) return
  inRange(context.runAsUser, 0, INT32_MAX, path.child('runAsUser'), errors)
  inRange(context.runAsGroup, 0, INT32_MAX, path.child('runAsGroup'), errors)
  if (context.procMount !== undefined) {
    const at = path.child('procMount')
    if (oneOf(context.procMount, ['Default', 'Unmasked'], at, errors)) {
      if (hostUsers && context.procMount === 'Unmasked') {
        errors.push(
          invalidValue(at, context.procMount, '`hostUsers` must be false to use `Unmasked`'),
        )
      }
    }
  }
  validateSeccomp(context.seccompProfile, path.child('seccompProfile'), errors)
  validateEscalation(context, path, errors)
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors)
  validateAppArmor(context.appArmorProfile, path.child('appArmorProfile'), errors)
}

function validateEscalation(context: SecurityContext, path: FieldPath, errors: FieldError[]): void {
  if (context.allowPrivilegeEscalation !== false) return
  const refuse = (detail: string) =>
    errors.push(invalidValue(path, goForm(context, securityContextStruct), detail))
  if (context.privileged) {
    refuse('cannot set `allowPrivilegeEscalation` to false and `privileged` to true')
  }
  if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
    refuse('cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN')
  }
}

function validateSeccomp(
  profile: SeccompProfile | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!profile) return
  validateProfileType(profile.type, 'seccompProfile', path.child('type'), errors)
  const at = path.child('localhostProfile')
  if (profile.type === 'Localhost') {
    if (profile.localhostProfile === undefined) {
      errors.push(required(at, 'must be set when seccomp type is Localhost'))
    } else localDescendingPath(profile.localhostProfile, at, errors)
  } else if (profile.localhostProfile !== undefined) {
    const detail = 'can only be set when seccomp type is Localhost'
    const form = { Type: profile.type, LocalhostProfile: profile.localhostProfile }
    errors.push(invalidValue(at, form, detail))
  }
}

function validateAppArmor(
  profile: AppArmorProfile | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!profile) return
  const at = path.child('localhostProfile')
  const { type, localhostProfile: name } = profile
  if (type === 'Localhost') {
    if (name !== undefined && name.trim() !== name) {
      errors.push(invalidValue(at, name, 'must not be padded with whitespace'))
    } else if (!name) errors.push(required(at, 'must be set when AppArmor type is Localhost'))
    if (name && Buffer.byteLength(name) > APP_ARMOR_BYTES_MAX) {
      errors.push(tooLong(at, name, APP_ARMOR_BYTES_MAX))
    }
  } else if ((type === 'RuntimeDefault' || type === 'Unconfined') && name !== undefined) {
    errors.push(invalidValue(at, name, 'can only be set when AppArmor type is Localhost'))
  }
  validateProfileType(type, 'appArmorProfile', path.child('type'), errors)
}

function validateProfileType(
  type: string,
  field: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!type) errors.push(required(path, `type is required when ${field} is set`))
  else oneOf(type, ['Localhost', 'RuntimeDefault', 'Unconfined'], path, errors)
}

export function validatePodSecurityContext(
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const context = spec.securityContext
  if (!context) return
  inRange(context.fsGroup, 0, INT32_MAX, path.child('fsGroup'), errors)
  inRange(context.runAsUser, 0, INT32_MAX, path.child('runAsUser'), errors)
  inRange(context.runAsGroup, 0, INT32_MAX, path.child('runAsGroup'), errors)
  for (const [i, group] of (context.supplementalGroups ?? []).entries()) {
    inRange(group, 0, INT32_MAX, path.child('supplementalGroups').index(i), errors)
  }
  // There the field is a part of the security context, and its path says so.
  if (spec.shareProcessNamespace && spec.hostPID) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled'
    errors.push(invalidValue(path.child('shareProcessNamespace'), true, detail))
  }
  validateSysctls(context.sysctls ?? [], spec, path.child('sysctls'), errors)
  validatePolicy('fsGroupChangePolicy', context, path, errors)
  validateSeccomp(context.seccompProfile, path.child('seccompProfile'), errors)
  validateWindowsOptions(context.windowsOptions, path.child('windowsOptions'), errors)
  validateAppArmor(context.appArmorProfile, path.child('appArmorProfile'), errors)
  validatePolicy('supplementalGroupsPolicy', context, path, errors)
  validatePolicy('seLinuxChangePolicy', context, path, errors)
}

const POLICIES = {
  fsGroupChangePolicy: ['Always', 'OnRootMismatch'],
  supplementalGroupsPolicy: ['Merge', 'Strict'],
  // Mounting with labels is a feature that is off by default. Source: KEP-1710.
  seLinuxChangePolicy: ['Recursive'],
} as const

function validatePolicy(
  field: keyof typeof POLICIES,
  context: PodSecurityContext,
  path: FieldPath,
  errors: FieldError[],
): void {
  const value = context[field]
  if (value !== undefined) oneOf(value, POLICIES[field], path.child(field), errors)
}

function validateSysctls(
  sysctls: readonly Sysctl[],
  { hostNetwork, hostIPC }: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const taken = new Set<string>()
  for (const [i, { name }] of sysctls.entries()) {
    const at = path.index(i)
    if (!name) errors.push(required(at.child('name'), ''))
    else if (name.length > SYSCTL_NAME_MAX || !SYSCTL_NAME.test(name)) {
      errors.push(invalidValue(at.child('name'), name, NOT_A_SYSCTL))
    } else if (taken.has(name)) {
      errors.push({
        type: 'FieldValueDuplicate',
        field: at.child('name').toString(),
        message: `Duplicate value: ${JSON.stringify(name)}`,
      })
    }
    taken.add(name)
    if (hostNetwork && name.startsWith('net.')) {
      errors.push(
        invalidValue(at.child('name'), name, "may not be specified when 'hostNetwork' is true"),
      )
    }
    if (hostIPC && (name.startsWith('fs.mqueue.') || /^kernel\.(shm|msg|sem)/.test(name))) {
      errors.push(
        invalidValue(at.child('name'), name, "may not be specified when 'hostIPC' is true"),
      )
    }
  }
}

const NOT_A_SYSCTL =
  'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'

/** A Pod with users of its own can't also use what belongs to the host. */
export function validateHostUsers(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  if (spec.hostUsers !== false) return
  const refuse = (at: FieldPath) => errors.push(forbiddenField(at, 'when `hostUsers` is false'))
  for (const [field, shown] of [
    ['hostNetwork', 'hostNetwork'],
    ['hostPID', 'HostPID'],
    ['hostIPC', 'HostIPC'],
  ] as const) {
    if (spec[field]) refuse(path.child(shown))
  }
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    for (const [i, { volumeDevices }] of (spec[kind] ?? []).entries()) {
      if (volumeDevices?.length) refuse(path.child(kind).index(i).child('volumeDevices'))
    }
  }
}
