import {
  type Container,
  nameSuffix,
  notFound,
  type Pod,
  type PodSpec,
  type ResourceDefinition,
  type ServiceAccount,
  sleep,
  type Volume,
} from '@miniplane/api'
import { plainServerError } from '../../plain-server-error.js'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { borrowedBy } from './borrowed.js'
import { isAbout, objectAs, refuse } from './request-kinds.js'

const DEFAULT_NAME = 'default'
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const VOLUME_PREFIX = 'kube-api-access-'
/** An hour and the kubelet's leeway for renewing. */
const TOKEN_SECONDS = 3607
const MIRROR_POD = 'kubernetes.io/config.mirror'
const ENFORCE_SECRETS = 'kubernetes.io/enforce-mountable-secrets'

/** The account of a new namespace is made by a controller: a Pod that comes sooner waits a little. */
const LOOKUPS_MAX = 10
const LOOKUP_PAUSE_MS = 100

/** Gives a Pod its account, the account's token and its pull secrets. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles(operation, definition, subresource) {
    if (operation === 'CREATE') return isAbout(definition, subresource, '', 'pods')
    return operation === 'UPDATE' && isAboutEphemeral(definition, subresource)
  },
  admit(request): void | Promise<void> {
    if (request.operation !== 'CREATE') return
    const pod = objectAs<Pod>(request)
    if (isMirror(pod)) {
      refuseBorrowed(pod, request)
      return
    }
    const { spec } = pod
    spec.serviceAccountName ||= DEFAULT_NAME
    spec.serviceAccount = spec.serviceAccountName
    return withAccount(request, spec.serviceAccountName, (account) =>
      useAccount(pod, account, request),
    )
  },
  validate(request): void | Promise<void> {
    if (request.operation !== 'UPDATE') return
    const { spec } = objectAs<Pod>(request)
    if (!spec.serviceAccountName) return
    return withAccount(request, spec.serviceAccountName, (account) => {
      if (!limitsSecrets(account)) return
      const fault = containerFault('ephemeral container', spec.ephemeralContainers, account)
      // A bare error there, and no refusal.
      if (fault) throw plainServerError(fault)
    })
  },
}

const isAboutEphemeral = ({ group, resource }: ResourceDefinition, subresource: string) =>
  group === '' && resource === 'pods' && subresource === 'ephemeralcontainers'

function refuseBorrowed({ spec }: Pod, request: AdmissionRequest): void {
  const borrowed = borrowedBy(spec)?.replace('a service account', 'service accounts')
  if (borrowed === 'service accounts' || borrowed === 'secrets') {
    throw refuse(request, `a mirror pod may not reference ${borrowed}`)
  }
  const sources = (spec.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])
  if (sources.some(({ serviceAccountToken }) => serviceAccountToken)) {
    throw refuse(request, 'a mirror pod may not use ServiceAccountToken volume projections')
  }
}

function withAccount(
  request: AdmissionRequest,
  name: string,
  use: (account: ServiceAccount) => void,
): void | Promise<void> {
  const { context, namespace = '' } = request
  const known = context.lister.get('', 'serviceaccounts', namespace, name)
  if (known) return use(known as unknown as ServiceAccount)
  return lookUp(request, name).then(use)
}

function useAccount(pod: Pod, account: ServiceAccount, request: AdmissionRequest): void {
  const { spec } = pod
  const isWanted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken
  if (isWanted ?? true) mountToken(pod, request)
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }))
  }
  if (!limitsSecrets(account)) return
  const fault = secretFault(spec, account)
  if (fault) throw refuse(request, fault)
}

const isMirror = ({ metadata }: Pod) => metadata.annotations?.[MIRROR_POD] !== undefined

/** As Go reads truth. */
const isTrue = (text: string | undefined) => /^(1|t|T|true|TRUE|True)$/.test(text ?? '')

const limitsSecrets = ({ metadata }: ServiceAccount) =>
  isTrue(metadata.annotations?.[ENFORCE_SECRETS])

/** Pods of such an account use the Secrets that it lists, and no others. */
function secretFault(spec: PodSpec, account: ServiceAccount): string | undefined {
  const name = account.metadata.name ?? ''
  const mountable = mountableBy(account)
  for (const { secret } of spec.volumes ?? []) {
    if (!secret || mountable.has(secret.secretName)) continue
    return `volume with secret.secretName="${secret.secretName}" is not allowed because service account ${name} does not reference that secret`
  }
  const fault =
    containerFault('init container', spec.initContainers, account) ??
    containerFault('container', spec.containers, account)
  if (fault) return fault
  const pullable = new Set((account.imagePullSecrets ?? []).map((one) => one.name))
  for (const [i, { name: secret }] of (spec.imagePullSecrets ?? []).entries()) {
    if (pullable.has(secret)) continue
    return `imagePullSecrets[${i}].name="${secret}" is not allowed because service account ${name} does not reference that imagePullSecret`
  }
  return undefined
}

const mountableBy = ({ secrets }: ServiceAccount) => new Set(secrets?.map(({ name }) => name))

function containerFault(
  kind: string,
  containers: readonly Pick<Container, 'name' | 'env' | 'envFrom'>[] = [],
  account: ServiceAccount,
): string | undefined {
  const mountable = mountableBy(account)
  const refused = (how: string, secret: string) =>
    `${kind} ${how} referencing secret.secretName="${secret}" is not allowed because service account ${account.metadata.name} does not reference that secret`
  for (const { name, env = [], envFrom = [] } of containers) {
    for (const { name: variable, valueFrom } of env) {
      const secret = valueFrom?.secretKeyRef?.name
      if (secret === undefined || mountable.has(secret)) continue
      return refused(`${name} with envVar ${variable}`, secret)
    }
    for (const { secretRef } of envFrom) {
      const secret = secretRef?.name
      if (secret === undefined || mountable.has(secret)) continue
      return refused(`${name} with envFrom`, secret)
    }
  }
  return undefined
}

async function lookUp(request: AdmissionRequest, name: string): Promise<ServiceAccount> {
  const { context, namespace = '' } = request
  const attempts = name === DEFAULT_NAME ? LOOKUPS_MAX : 1
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const found =
      context.lister.get('', 'serviceaccounts', namespace, name) ??
      (await context.lister.getLatest('', 'serviceaccounts', namespace, name))
    if (found) return found as unknown as ServiceAccount
    if (attempt < attempts) await sleep(context.clock, LOOKUP_PAUSE_MS)
  }
  const cause = notFound({ group: '', resource: 'serviceaccount' }, name).message
  throw refuse(request, `error looking up service account ${namespace}/${name}: ${cause}`)
}

function mountToken({ spec }: Pod, { context }: AdmissionRequest): void {
  const known = spec.volumes?.find(isTokenVolume)
  const name = known?.name ?? `${VOLUME_PREFIX}${nameSuffix(context.random)}`
  let isNeeded = false
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (hasToken(container)) continue
    const mount = { name, readOnly: true, mountPath: TOKEN_PATH }
    container.volumeMounts = [...(container.volumeMounts ?? []), mount]
    isNeeded = true
  }
  if (isNeeded && !known) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)]
}

/** By its name alone. */
const isTokenVolume = ({ name }: Volume) => name.startsWith(VOLUME_PREFIX)

const hasToken = ({ volumeMounts }: Container) =>
  volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_PATH) ?? false

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    sources: [
      { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      {
        downwardAPI: {
          items: [
            {
              path: 'namespace',
              fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
            },
          ],
        },
      },
    ],
    defaultMode: 0o644,
  },
})
