import type { KubeObject } from '@miniplane/api'
import { deleteOne } from '../commands/delete.js'
import type { DryRun } from '../commands/dry-run.js'
import { CommandError } from '../errors/errors.js'
import type { ResourceInfo } from '../resolve/discovery.js'
import { fetchTarget } from '../resolve/resolve.js'
import type { RestMapper } from '../resolve/rest-mapper.js'
import type { Session } from '../session/session.js'
import { lastAppliedOf } from './last-applied.js'

/** What is looked at unless `--prune-allowlist` says otherwise; Namespaces and volumes come last. */
const DEFAULT_KINDS = [
  'core/v1/ConfigMap',
  'core/v1/Endpoints',
  'core/v1/PersistentVolumeClaim',
  'core/v1/Pod',
  'core/v1/ReplicationController',
  'core/v1/Secret',
  'core/v1/Service',
  'batch/v1/Job',
  'batch/v1/CronJob',
  'networking.k8s.io/v1/Ingress',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  'core/v1/Namespace',
  'core/v1/PersistentVolume',
]

/** The resources that `group/version/kind` texts name; the default ones when there are none. */
export function prunedResources(mapper: RestMapper, kinds: readonly string[]): ResourceInfo[] {
  return (kinds.length > 0 ? kinds : DEFAULT_KINDS).map((text) => {
    const [group = '', version = '', kind = '', ...more] = text.split('/')
    if (kind === '' || more.length > 0) {
      throw new CommandError(
        `invalid GroupVersionKind format: ${text}, please follow <group/version/kind>`,
      )
    }
    const apiVersion = group === 'core' ? version : `${group}/${version}`
    const found = mapper.forKind(apiVersion, kind)
    if (found) return found
    throw new CommandError(`no matches for kind "${kind}" in version "${apiVersion}"`)
  })
}

export interface Pruning {
  readonly resources: readonly ResourceInfo[]
  readonly selector: string
  /** Where what was applied lives. */
  readonly namespaces: ReadonlySet<string>
  /** Uids of what was applied. */
  readonly applied: ReadonlySet<string>
  readonly dryRun: DryRun
  readonly gracePeriodSeconds: number | undefined
  readonly propagationPolicy: string
  report(object: KubeObject): void
}

/** Deletes what was applied once and is in the manifests no more. */
export async function prune(session: Session, pruning: Pruning): Promise<void> {
  const { resources, namespaces } = pruning
  const namespaced = resources.filter((resource) => resource.namespaced)
  for (const namespace of namespaces) {
    for (const resource of namespaced) await pruneKind(session, resource, namespace, pruning)
  }
  for (const resource of resources) {
    if (!resource.namespaced) await pruneKind(session, resource, '', pruning)
  }
}

async function pruneKind(
  session: Session,
  resource: ResourceInfo,
  namespace: string,
  { selector, applied, report, ...deletion }: Pruning,
): Promise<void> {
  const target = { by: 'list', resource, namespace, selector, fieldSelector: '' } as const
  for (const info of await fetchTarget(session, target)) {
    const { object } = info
    if (lastAppliedOf(object) === undefined || applied.has(object.metadata.uid ?? '')) continue
    await deleteOne(session, info, deletion)
    report(object)
  }
}
