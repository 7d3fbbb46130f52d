import {
  type Container,
  type EnvFromSource,
  type EnvVar,
  type EnvVarSource,
  type FieldError,
  type FieldPath,
  type FileKeySelector,
  invalidValue,
  isConfigMapKey,
  isDns1123Label,
  isDns1123Subdomain,
  isEnvVarName,
  isQualifiedName,
  notSupported,
  type ObjectFieldSelector,
  type ResourceFieldSelector,
  required,
} from '@miniplane/api'
import { dnsSubdomainName } from './names.js'
import { withoutBacksteps } from './paths.js'

/** What the downward API knows of a Pod; the sets below say what may be asked for where. */
const DOWNWARD_LABELS = new Set([
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.serviceAccountName',
  'spec.schedulerName',
  'status.phase',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
])
const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]
const CONTAINER_RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const HUGE_PAGES = /^(limits|requests)\.hugepages-/

export function validateEnvironment(
  { env, envFrom }: Container,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, variable] of (env ?? []).entries()) {
    validateVariable(variable, path.child('env').index(i), errors)
  }
  for (const [i, source] of (envFrom ?? []).entries()) {
    validateEnvFrom(source, path.child('envFrom'), i, errors)
  }
}

function validateVariable(variable: EnvVar, path: FieldPath, errors: FieldError[]): void {
  if (!variable.name) errors.push(required(path.child('name'), ''))
  else {
    for (const fault of isEnvVarName(variable.name)) {
      errors.push(invalidValue(path.child('name'), variable.name, fault))
    }
  }
  if (variable.valueFrom) {
    validateValueFrom(variable.valueFrom, variable.value ?? '', path.child('valueFrom'), errors)
  }
}

function validateValueFrom(
  source: EnvVarSource,
  value: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  if (fieldRef) validateFieldRef(fieldRef, ENV_FIELDS, path.child('fieldRef'), errors)
  if (resourceFieldRef) {
    validateResourceFieldRef(resourceFieldRef, path.child('resourceFieldRef'), false, errors)
  }
  if (configMapKeyRef) validateKeyRef(configMapKeyRef, path.child('configMapKeyRef'), errors)
  if (secretKeyRef) validateKeyRef(secretKeyRef, path.child('secretKeyRef'), errors)
  if (fileKeyRef) {
    validateFileKeyRef(fileKeyRef, path.child('fileKeyRef'), errors)
  }
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(
    Boolean,
  ).length
  if (count === 0) errors.push(invalidValue(path, '', ONE_SOURCE))
  else if (value) {
    errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'))
  } else if (count > 1) errors.push(invalidValue(path, '', TOO_MANY_SOURCES))
}

function validateFileKeyRef(
  { key, volumeName, path: file }: FileKeySelector,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!key) errors.push(required(path.child('key'), ''))
  else
    for (const fault of isEnvVarName(key)) errors.push(invalidValue(path.child('key'), key, fault))
  if (!volumeName) errors.push(required(path.child('volumeName'), ''))
  else {
    for (const fault of isDns1123Label(volumeName)) {
      errors.push(invalidValue(path.child('volumeName'), volumeName, fault))
    }
  }
  if (!file) errors.push(required(path.child('path'), ''))
  else withoutBacksteps(file, path.child('path'), errors)
}

const ONE_SOURCE =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
const TOO_MANY_SOURCES = 'may not have more than one field specified at a time'

/** `fields` are those that may be asked for without a subscript (`metadata.labels['a']`). */
export function validateFieldRef(
  { apiVersion, fieldPath }: ObjectFieldSelector,
  fields: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!apiVersion) return void errors.push(required(path.child('apiVersion'), ''))
  if (!fieldPath) return void errors.push(required(path.child('fieldPath'), ''))
  const [, base = fieldPath, subscript] = /^(.*)\['(.*)'\]$/.exec(fieldPath) ?? []
  const isKnown = DOWNWARD_LABELS.has(base) || base === 'spec.host'
  if (apiVersion !== 'v1' || !isKnown) {
    const fault =
      apiVersion === 'v1'
        ? `field label not supported: ${fieldPath}`
        : `unsupported pod version: ${apiVersion}`
    const detail = `error converting fieldPath: ${fault}`
    errors.push(invalidValue(path.child('fieldPath'), fieldPath, detail))
    return
  }
  if (subscript === undefined) {
    const internal = base === 'spec.host' ? 'spec.nodeName' : base
    if (!fields.includes(internal)) {
      errors.push(notSupported(path.child('fieldPath'), internal, fields))
    }
    return
  }
  if (base !== 'metadata.annotations' && base !== 'metadata.labels') {
    errors.push(invalidValue(path, base, 'does not support subscript'))
    return
  }
  const key = base === 'metadata.annotations' ? subscript.toLowerCase() : subscript
  for (const fault of isQualifiedName(key)) errors.push(invalidValue(path, key, fault))
}

export function validateResourceFieldRef(
  { containerName, resource, divisor }: ResourceFieldSelector,
  path: FieldPath,
  inVolume: boolean,
  errors: FieldError[],
): void {
  if (inVolume && !containerName) errors.push(required(path.child('containerName'), ''))
  else if (!resource) errors.push(required(path.child('resource'), ''))
  else if (!CONTAINER_RESOURCES.includes(resource) && !HUGE_PAGES.test(resource)) {
    errors.push(notSupported(path.child('resource'), resource, CONTAINER_RESOURCES))
  }
  validateDivisor(resource ?? '', divisor, path, errors)
}

const CPU_DIVISORS = ['1m', '1']
/** What the texts call the resources that can be divided. */
const DIVIDED: Readonly<Record<string, string>> = {
  cpu: 'cpu',
  memory: 'memory',
  'ephemeral-storage': 'local ephemeral storage',
  'hugepages-': 'hugepages',
}
const BYTE_DIVISORS = '1 1k 1M 1G 1T 1P 1E 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei'.split(' ')

function validateDivisor(
  resource: string,
  divisor: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!divisor || divisor === '0') return
  const [, unit = ''] =
    /^(?:limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-)/.exec(resource) ?? []
  const name = DIVIDED[unit]
  if (!name) return
  const allowed = unit === 'cpu' ? CPU_DIVISORS : BYTE_DIVISORS
  if (allowed.includes(divisor)) return
  const list = allowed.join(unit === 'cpu' ? ' and ' : ', ')
  const detail = `only divisor's values ${list} are supported with the ${name} resource`
  errors.push(invalidValue(path.child('divisor'), resource, detail))
}

interface KeyRef {
  readonly name?: string
  readonly key?: string
}

function validateKeyRef({ name = '', key }: KeyRef, path: FieldPath, errors: FieldError[]): void {
  for (const fault of isDns1123Subdomain(name)) {
    errors.push(invalidValue(path.child('name'), name, fault))
  }
  if (!key) errors.push(required(path.child('key'), ''))
  else {
    for (const fault of isConfigMapKey(key)) {
      errors.push(invalidValue(path.child('key'), key, fault))
    }
  }
}

function validateEnvFrom(
  { prefix, configMapRef, secretRef }: EnvFromSource,
  path: FieldPath,
  at: number,
  errors: FieldError[],
): void {
  if (prefix) {
    for (const fault of isEnvVarName(prefix)) {
      errors.push(invalidValue(path.index(at).child('prefix'), prefix, fault))
    }
  }
  const named = (name: string | undefined, where: FieldPath) => {
    if (!name) errors.push(required(where.child('name'), ''))
    else {
      // Taken for prefixes of names there, so that they may end in a dash.
      for (const fault of dnsSubdomainName(name, true)) {
        errors.push(invalidValue(where.child('name'), name, fault))
      }
    }
  }
  if (configMapRef) named(configMapRef.name, path.index(at).child('configMapRef'))
  if (secretRef) named(secretRef.name, path.index(at).child('secretRef'))
  if (!configMapRef && !secretRef) {
    errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
  } else if (configMapRef && secretRef) errors.push(invalidValue(path, '', TOO_MANY_SOURCES))
}
