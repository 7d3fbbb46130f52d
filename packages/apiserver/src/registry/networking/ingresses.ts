import {
  type FieldError,
  FieldPath,
  type HTTPIngressPath,
  type Ingress,
  type IngressBackend,
  type IngressRule,
  type IngressSpec,
  invalidValue,
  ipFamilyOf,
  isDns1123Label,
  isDns1123Subdomain,
  isValidPortName,
  isWildcardDns1123Subdomain,
  required,
} from '@miniplane/api'
import { ingressTable } from '../columns/cluster.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { balancerWarnings, validateBalancerIngress } from '../validation/load-balancer.js'
import { portNumber } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'
import { validateObjectReference } from './object-reference.js'

const SPEC = FieldPath.of('spec')
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const CLASS_WARNING = `annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_ENDINGS = ['/..', '/.']

const hasClassAnnotation = ({ metadata }: Ingress) =>
  metadata.annotations?.[CLASS_ANNOTATION] !== undefined

export const ingresses = defineStrategy<Ingress>({
  ...desiredState<Ingress>(),
  validate(ingress) {
    const errors = validateSpec(ingress.spec)
    const named = ingress.metadata.annotations?.[CLASS_ANNOTATION]
    const { ingressClassName } = ingress.spec
    if (named !== undefined && ingressClassName !== undefined && named !== ingressClassName) {
      const path = FieldPath.of('annotations').child(CLASS_ANNOTATION)
      const detail = 'must match `ingressClassName` when both are specified'
      errors.push(invalidValue(path, named, detail))
    }
    return errors
  },
  validateUpdate: ({ spec }, stored) => validateSpec(spec, toleratedIn(stored.spec)),
  warningsOnCreate: (ingress) => (hasClassAnnotation(ingress) ? [CLASS_WARNING] : []),
  table: ingressTable,
  subresources: {
    status: statusSubresource<Ingress>({
      validate: ({ status }) => validateBalancerIngress(status.loadBalancer?.ingress ?? []),
      warn: ({ status }) => balancerWarnings(status.loadBalancer?.ingress ?? []),
    }),
  },
})

/** What older servers let pass, and what is therefore let be where it is. */
interface Tolerated {
  readonly secretNames: boolean
  readonly wildcardRules: boolean
}

const NOTHING: Tolerated = { secretNames: false, wildcardRules: false }

function toleratedIn({ rules = [], tls = [] }: IngressSpec): Tolerated {
  return {
    secretNames: tls.some(({ secretName }) => isDns1123Subdomain(secretName || 'none').length > 0),
    wildcardRules: rules.some((rule) => {
      const errors: FieldError[] = []
      validateRule(rule, SPEC, errors)
      return (rule.host ?? '').includes('*') && errors.length > 0
    }),
  }
}

function validateRule({ http }: IngressRule, path: FieldPath, errors: FieldError[]): void {
  if (!http) return
  const paths = path.child('http', 'paths')
  if (!http.paths?.length) errors.push(required(paths, ''))
  for (const [i, one] of (http.paths ?? []).entries()) validatePath(one, paths.index(i), errors)
}

function validateSpec(spec: IngressSpec, tolerated: Tolerated = NOTHING): FieldError[] {
  const errors: FieldError[] = []
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec
  if (rules.length === 0 && !defaultBackend) {
    const detail = 'either `defaultBackend` or `rules` must be specified'
    errors.push(invalidValue(SPEC, null, detail))
  }
  if (defaultBackend) validateBackend(defaultBackend, SPEC.child('defaultBackend'), errors)
  for (const [i, rule] of rules.entries()) {
    const path = SPEC.child('rules').index(i)
    if (rule.host) validateHost(rule.host, path.child('host'), errors)
    const isOld = tolerated.wildcardRules && rule.host?.includes('*')
    if (!isOld) validateRule(rule, path, errors)
  }
  for (const [i, { hosts, secretName }] of tls.entries()) {
    const path = SPEC.child('tls').index(i)
    for (const [j, host] of (hosts ?? []).entries()) {
      const at = path.child('hosts').index(j)
      const rule = host.includes('*') ? isWildcardDns1123Subdomain : isDns1123Subdomain
      for (const fault of rule(host)) errors.push(invalidValue(at, host, fault))
    }
    const isNamed = secretName && !tolerated.secretNames
    for (const fault of isNamed ? isDns1123Subdomain(secretName) : []) {
      errors.push(invalidValue(path.child('secretName'), secretName, fault))
    }
  }
  if (ingressClassName !== undefined) {
    for (const fault of isDns1123Subdomain(ingressClassName)) {
      errors.push(invalidValue(SPEC.child('ingressClassName'), ingressClassName, fault))
    }
  }
  return errors
}

function validateHost(host: string, path: FieldPath, errors: FieldError[]): void {
  if (ipFamilyOf(host) !== 0) {
    errors.push(invalidValue(path, host, 'must be a DNS name, not an IP address'))
  }
  const rule = host.includes('*') ? isWildcardDns1123Subdomain : isDns1123Subdomain
  for (const fault of rule(host)) errors.push(invalidValue(path, host, fault))
}

function validatePath(one: HTTPIngressPath, path: FieldPath, errors: FieldError[]): void {
  const { path: url = '', pathType, backend } = one
  const at = path.child('path')
  // Decoding writes an absent one as null.
  if ((pathType ?? undefined) === undefined) {
    errors.push(required(path.child('pathType'), 'pathType must be specified'))
    return
  }
  if (oneOf(pathType, PATH_TYPES, path.child('pathType'), errors)) {
    const isExact = pathType !== 'ImplementationSpecific'
    if (isExact || url) {
      if (!url.startsWith('/')) errors.push(invalidValue(at, url, 'must be an absolute path'))
    }
    if (isExact && url) validateCleanPath(url, at, errors)
  }
  validateBackend(backend, path.child('backend'), errors)
}

function validateCleanPath(url: string, path: FieldPath, errors: FieldError[]): void {
  for (const bad of BAD_SEQUENCES) {
    if (url.includes(bad)) errors.push(invalidValue(path, url, `must not contain '${bad}'`))
  }
  for (const bad of BAD_ENDINGS) {
    if (url.endsWith(bad)) errors.push(invalidValue(path, url, `cannot end with '${bad}'`))
  }
}

function validateBackend(
  { service, resource }: IngressBackend,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (service && resource) {
    errors.push(invalidValue(path, '', 'cannot set both resource and service backends'))
    return
  }
  if (resource) {
    validateObjectReference(resource, path.child('resource'), errors)
    return
  }
  if (!service) {
    errors.push(invalidValue(path, '', 'resource or service backend is required'))
    return
  }
  const at = path.child('service')
  if (!service.name) errors.push(required(at.child('name'), ''))
  else {
    for (const fault of isDns1123Label(service.name)) {
      errors.push(invalidValue(at.child('name'), service.name, fault))
    }
  }
  const { name, number } = service.port ?? {}
  if (name && number) {
    errors.push(invalidValue(path, '', 'cannot set both port name & port number'))
  } else if (name) {
    for (const fault of isValidPortName(name)) {
      errors.push(invalidValue(at.child('port', 'name'), name, fault))
    }
  } else if (number) portNumber(number, at.child('port', 'number'), errors)
  else errors.push(required(path, 'port name or number is required'))
}
