import {
  type Container,
  nameSuffix,
  notFound,
  type Pod,
  type PodSpec,
  type ServiceAccount,
  sleep,
  type Volume,
} from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { borrowedBy } from './borrowed.js'
import { objectAs, only, refuse } from './request-kinds.js'

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
  handles: only('', 'pods', 'CREATE'),
  admit(request): void | Promise<void> {
    const pod = objectAs<Pod>(request)
    if (isMirror(pod)) {
      const borrowed = borrowedBy(pod.spec)?.replace('a service account', 'service accounts')
      if (borrowed) throw refuse(request, `a mirror pod may not reference ${borrowed}`)
      return
    }
    const { spec } = pod
    spec.serviceAccountName ||= DEFAULT_NAME
    spec.serviceAccount = spec.serviceAccountName
    const { lister } = request.context
    const { namespace = '' } = request
    const known = lister.get('', 'serviceaccounts', namespace, spec.serviceAccountName)
    if (known) return useAccount(pod, known as unknown as ServiceAccount, request)
    return lookUp(request, spec.serviceAccountName).then((account) =>
      useAccount(pod, account, request),
    )
  },
}

function useAccount(pod: Pod, account: ServiceAccount, request: AdmissionRequest): void {
  const { spec } = pod
  const isWanted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken
  if (isWanted ?? true) mountToken(pod, request)
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
    spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }))
  }
  if (!isTrue(account.metadata.annotations?.[ENFORCE_SECRETS])) return
  const fault = secretFault(spec, account)
  if (fault) throw refuse(request, fault)
}

const isMirror = ({ metadata }: Pod) => metadata.annotations?.[MIRROR_POD] !== undefined

/** As Go reads truth. */
const isTrue = (text: string | undefined) => /^(1|t|T|true|TRUE|True)$/.test(text ?? '')

/** Pods of such an account use the Secrets that it lists, and no others. */
function secretFault(spec: PodSpec, account: ServiceAccount): string | undefined {
  const name = account.metadata.name ?? ''
  const mountable = new Set((account.secrets ?? []).map((one) => one.name))
  for (const { secret } of spec.volumes ?? []) {
    if (!secret || mountable.has(secret.secretName)) continue
    return `volume with secret.secretName="${secret.secretName}" is not allowed because service account ${name} does not reference that secret`
  }
  for (const [kind, containers] of [
    ['init container', spec.initContainers],
    ['container', spec.containers],
  ] as const) {
    for (const container of containers ?? []) {
      for (const { name: variable, valueFrom } of container.env ?? []) {
        const secret = valueFrom?.secretKeyRef?.name
        if (secret === undefined || mountable.has(secret)) continue
        return `${kind} ${container.name} with envVar ${variable} referencing secret.secretName="${secret}" is not allowed because service account ${name} does not reference that secret`
      }
    }
  }
  const pullable = new Set((account.imagePullSecrets ?? []).map((one) => one.name))
  for (const [i, { name: secret }] of (spec.imagePullSecrets ?? []).entries()) {
    if (pullable.has(secret)) continue
    return `imagePullSecrets[${i}].name="${secret}" is not allowed because service account ${name} does not reference that imagePullSecret`
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

const isTokenVolume = ({ name, projected }: Volume) =>
  projected !== undefined && name.startsWith(VOLUME_PREFIX)

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
