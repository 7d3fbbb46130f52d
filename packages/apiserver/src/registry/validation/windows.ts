import {
  type Container,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Subdomain,
  type PodSpec,
  type WindowsSecurityContextOptions,
} from '@miniplane/api'

const SPEC_BYTES_MAX = 64 * 1024
const NOT_FOR_LINUX = 'windows options cannot be set for a linux pod'
const NOT_FOR_WINDOWS = 'cannot be set for a windows pod'

/** What a Pod's security context says that means nothing to Windows. */
const POD_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const
const CONTAINER_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** All containers, in the order in which the real server visits them. */
export function containersOf(
  spec: PodSpec,
  path: FieldPath,
): readonly (readonly [container: Container, path: FieldPath])[] {
  const found: (readonly [Container, FieldPath])[] = []
  for (const kind of CONTAINERS) {
    spec[kind]?.forEach((one, i) => {
      found.push([one as Container, path.child(kind).index(i)])
    })
  }
  return found
}

const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers'] as const

/** What contradicts the operating system that a Pod names. */
export function validateForOs(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  if (spec.os?.name === 'windows') validateForWindows(spec, path, errors)
  else if (spec.os?.name === 'linux') validateForLinux(spec, path, errors)
}

function validateForLinux(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const contexts = [[spec, path] as const, ...containersOf(spec, path)]
  for (const [{ securityContext }, at] of contexts) {
    if (!securityContext?.windowsOptions) continue
    errors.push(forbiddenField(at.child('securityContext', 'windowsOptions'), NOT_FOR_LINUX))
  }
}

function validateForWindows(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const refuse = (at: FieldPath) => errors.push(forbiddenField(at, NOT_FOR_WINDOWS))
  for (const field of POD_CONTEXT) {
    const held = spec.securityContext?.[field]
    if (held !== undefined && !(Array.isArray(held) && held.length === 0)) {
      refuse(path.child('securityContext', field))
    }
  }
  if (spec.hostUsers !== undefined) refuse(path.child('hostUsers'))
  if (spec.hostPID) refuse(path.child('hostPID'))
  if (spec.hostIPC) refuse(path.child('hostIPC'))
  if (spec.shareProcessNamespace !== undefined) refuse(path.child('shareProcessNamespace'))
  for (const [{ securityContext }, at] of containersOf(spec, path)) {
    for (const field of CONTAINER_CONTEXT) {
      if (securityContext?.[field] !== undefined) refuse(at.child('securityContext', field))
    }
  }
}

export function validateWindowsOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!options) return
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: spec } = options
  for (const fault of name === undefined ? [] : isDns1123Subdomain(name)) {
    errors.push(invalidValue(path.child('gmsaCredentialSpecName'), name, fault))
  }
  if (spec !== undefined) {
    const at = path.child('gmsaCredentialSpec')
    if (spec === '')
      errors.push(invalidValue(at, spec, 'gmsaCredentialSpec cannot be an empty string'))
    else if (Buffer.byteLength(spec) > SPEC_BYTES_MAX) {
      const detail = `gmsaCredentialSpec size must be under ${SPEC_BYTES_MAX / 1024} KiB`
      errors.push(invalidValue(at, spec, detail))
    }
  }
  if (options.runAsUserName !== undefined) {
    validateRunAsUserName(options.runAsUserName, path.child('runAsUserName'), errors)
  }
}

const DOMAIN_BYTES_MAX = 256
const USER_BYTES_MAX = 104
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name must not hold
const CONTROL = /[\x00-\x1f\x7f]/
const NETBIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const DNS_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
const DNS = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`)

/** `DOMAIN\user` or `user`. */
function validateRunAsUserName(name: string, path: FieldPath, errors: FieldError[]): void {
  const refuse = (detail: string) => errors.push(invalidValue(path, name, detail))
  if (name === '') {
    refuse('runAsUserName cannot be an empty string')
    return
  }
  if (CONTROL.test(name)) {
    refuse('runAsUserName cannot contain control characters')
    return
  }
  const parts = name.split('\\')
  if (parts.length > 2) {
    refuse('runAsUserName cannot contain more than one backslash')
    return
  }
  const user = parts.at(-1) ?? ''
  if (parts.length === 2) {
    const domain = parts[0] ?? ''
    if (domain.length >= DOMAIN_BYTES_MAX) {
      refuse(`runAsUserName's Domain length must be under ${DOMAIN_BYTES_MAX} characters`)
    }
    if (!NETBIOS.test(domain) && !DNS.test(domain)) {
      refuse("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
    }
  }
  if (user === '') refuse("runAsUserName's User cannot be empty")
  else if (user.length > USER_BYTES_MAX) {
    refuse(`runAsUserName's User length must not be longer than ${USER_BYTES_MAX} characters`)
  }
  if (/^[. ]+$/.test(user)) {
    refuse(`runAsUserName's User cannot contain only periods or spaces`)
  }
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    refuse(`runAsUserName's User cannot contain the following characters: "/\\:;|=,+*?<>@[]`)
  }
}

/** Containers that are parts of the host: all of a Pod's or none. */
export function validateHostProcess(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let some = false
  let others = false
  for (const [{ securityContext }, at] of containersOf(spec, path)) {
    const own = securityContext?.windowsOptions?.hostProcess
    if (own !== undefined && ofPod !== undefined && own !== ofPod) {
      const detail = `pod hostProcess value must be identical if both are specified, was ${ofPod}`
      errors.push(
        invalidValue(at.child('securityContext', 'windowsOptions', 'hostProcess'), own, detail),
      )
    }
    if (own ?? ofPod) some = true
    else others = true
  }
  if (!some) return
  if (others) {
    const detail =
      'If pod contains any hostProcess containers then all containers must be HostProcess containers'
    errors.push(invalidValue(path, '', detail))
  }
  if (!spec.hostNetwork) {
    const detail = 'hostNetwork must be true if pod contains any hostProcess containers'
    errors.push(invalidValue(path.child('hostNetwork'), false, detail))
  }
}
