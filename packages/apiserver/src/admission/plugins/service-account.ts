import {
  type Container,
  nameSuffix,
  notFound,
  type Pod,
  type ServiceAccount,
  sleep,
  type Volume,
} from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { objectAs, only, refuse } from './request-kinds.js'

const DEFAULT_NAME = 'default'
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const VOLUME_PREFIX = 'kube-api-access-'
/** An hour and the kubelet's leeway for renewing. */
const TOKEN_SECONDS = 3607
const MIRROR_POD = 'kubernetes.io/config.mirror'

/** The account of a new namespace is made by a controller: a Pod that comes sooner waits a little. */
const LOOKUPS_MAX = 10
const LOOKUP_PAUSE_MS = 100

/** Gives a Pod its account, the account's token and its pull secrets. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles: only('', 'pods', 'CREATE'),
  async admit(request) {
    const pod = objectAs<Pod>(request)
    if (pod.metadata.annotations?.[MIRROR_POD] !== undefined) return
    const { spec } = pod
    spec.serviceAccountName ||= DEFAULT_NAME
    spec.serviceAccount = spec.serviceAccountName
    const account = await lookUp(request, spec.serviceAccountName)
    const isWanted = spec.automountServiceAccountToken ?? account.automountServiceAccountToken
    if (isWanted ?? true) mountToken(pod, request)
    if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
      spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }))
    }
  },
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
