import type { DaemonSet, Deployment, KubeObject, StatefulSet } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'

export interface RolloutState {
  readonly text: string
  readonly done: boolean
}

export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision'

/** How far a rollout is. Throws when it has failed, or for kinds that have no rollouts. */
export function rolloutState(object: KubeObject, revision: number): RolloutState {
  switch (object.kind) {
    case 'Deployment':
      return deploymentState(object as unknown as Deployment, revision)
    case 'DaemonSet':
      return daemonSetState(object as unknown as DaemonSet)
    case 'StatefulSet':
      return statefulSetState(object as unknown as StatefulSet)
    default:
      throw new CommandError(`no status viewer has been implemented for ${object.kind}`)
  }
}

const going = (text: string): RolloutState => ({ text: `${text}\n`, done: false })
const finished = (text: string): RolloutState => ({ text: `${text}\n`, done: true })

function deploymentState({ metadata, spec, status }: Deployment, revision: number): RolloutState {
  const name = `"${metadata.name}"`
  if (revision > 0) {
    const running = Number(metadata.annotations?.[REVISION_ANNOTATION] ?? 0)
    if (running !== revision) {
      throw new CommandError(
        `desired revision (${revision}) is different from the running revision (${running})`,
      )
    }
  }
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return going('Waiting for deployment spec update to be observed...')
  }
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') {
    throw new CommandError(`deployment ${name} exceeded its progress deadline`)
  }
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status ?? {}
  const wanted = spec?.replicas
  const waiting = (what: string) =>
    going(`Waiting for deployment ${name} rollout to finish: ${what}...`)
  if (wanted !== undefined && updatedReplicas < wanted) {
    return waiting(`${updatedReplicas} out of ${wanted} new replicas have been updated`)
  }
  if (replicas > updatedReplicas) {
    return waiting(`${replicas - updatedReplicas} old replicas are pending termination`)
  }
  if (availableReplicas < updatedReplicas) {
    return waiting(`${availableReplicas} of ${updatedReplicas} updated replicas are available`)
  }
  return finished(`deployment ${name} successfully rolled out`)
}

function daemonSetState({ metadata, spec, status }: DaemonSet): RolloutState {
  const name = `"${metadata.name}"`
  requireRollingUpdate(spec?.updateStrategy?.type)
  if ((metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) {
    return going('Waiting for daemon set spec update to be observed...')
  }
  const {
    desiredNumberScheduled: desired = 0,
    updatedNumberScheduled: updated = 0,
    numberAvailable: available = 0,
  } = status ?? {}
  const waiting = (what: string) =>
    going(`Waiting for daemon set ${name} rollout to finish: ${what}...`)
  if (updated < desired) {
    return waiting(`${updated} out of ${desired} new pods have been updated`)
  }
  if (available < desired) return waiting(`${available} of ${desired} updated pods are available`)
  return finished(`daemon set ${name} successfully rolled out`)
}

function statefulSetState({ metadata, spec, status }: StatefulSet): RolloutState {
  requireRollingUpdate(spec?.updateStrategy?.type)
  const { observedGeneration = 0, readyReplicas = 0, updatedReplicas = 0 } = status ?? {}
  const { currentRevision = '', updateRevision = '', currentReplicas = 0 } = status ?? {}
  if (observedGeneration === 0 || (metadata.generation ?? 0) > observedGeneration) {
    return going('Waiting for statefulset spec update to be observed...')
  }
  const replicas = spec?.replicas
  if (replicas !== undefined && readyReplicas < replicas) {
    return going(`Waiting for ${replicas - readyReplicas} pods to be ready...`)
  }
  const partition = spec?.updateStrategy?.rollingUpdate?.partition
  if (spec?.updateStrategy?.rollingUpdate) {
    if (
      replicas !== undefined &&
      partition !== undefined &&
      updatedReplicas < replicas - partition
    ) {
      return going(
        `Waiting for partitioned roll out to finish: ${updatedReplicas} out of ${replicas - partition} new pods have been updated...`,
      )
    }
    return finished(
      `partitioned roll out complete: ${updatedReplicas} new pods have been updated...`,
    )
  }
  if (updateRevision !== currentRevision) {
    return going(
      `waiting for statefulset rolling update to complete ${updatedReplicas} pods at revision ${updateRevision}...`,
    )
  }
  return finished(
    `statefulset rolling update complete ${currentReplicas} pods at revision ${currentRevision}...`,
  )
}

function requireRollingUpdate(type: string | undefined): void {
  if (type === 'RollingUpdate') return
  throw new CommandError('rollout status is only available for RollingUpdate strategy type')
}
