import {
  isPodReady,
  type KubeObject,
  labelSelectorFrom,
  type Pod,
  type PodDisruptionBudget,
  semanticEqual,
} from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import {
  type Change,
  type Controller,
  requeueAfter,
  type Work,
  watch,
} from '../manager/controller.js'
import { goSelector } from '../ownership/go-selector.js'
import { rememberedSelector } from '../ownership/selectors.js'
import { budgetStatus, disruptedPods, expectationOf, failedStatus, needsScale } from './budget.js'
import { type CountScale, scaleCounter, UnknownScaleError } from './scales.js'

type BudgetObject = PodDisruptionBudget & KubeObject
type PodObject = Pod & KubeObject

/** Works out how many Pods of each budget may be evicted now. */
export const disruptionController: Controller = {
  name: 'disruption-controller',
  eventSource: 'controllermanager',

  start(context) {
    const { informer, clock } = context
    const budgets = informer(resources.podDisruptionBudgets).cache
    const pods = informer(resources.pods).cache
    const countScale = scaleCounter(context)
    const selector = rememberedSelector<BudgetObject>(({ spec }) =>
      labelSelectorFrom(spec.selector),
    )
    const inNamespace = ({ metadata }: KubeObject) => budgets.list(metadata.namespace ?? '')
    const podKeys = ({ type, object, old }: Change<PodObject>) => {
      if (type === 'updated' && old && !mayMatter(old, object)) return []
      return inNamespace(object)
        .filter((budget) => selector(budget).matches(object.metadata.labels))
        .map(keyOf)
    }
    /** A new size of what owns Pods may change what budgets of its namespace are a share of. */
    const ownerKeys = ({ type, object, old }: Change<ScaledObject>) =>
      type === 'updated' && old?.spec.replicas === object.spec.replicas
        ? []
        : inNamespace(object).map(keyOf)

    return {
      watches: [
        watch(resources.podDisruptionBudgets, ({ object }) => [keyOf(object)]),
        watch(resources.pods, podKeys),
        watch(resources.deployments, ownerKeys),
        watch(resources.replicaSets, ownerKeys),
        watch(resources.statefulSets, ownerKeys),
        watch(resources.replicationControllers, ownerKeys),
      ],
      async reconcile(key, work) {
        const budget = budgets.get(key)
        if (budget === undefined) return undefined
        const matcher = selector(budget)
        const selected = pods
          .list(budget.metadata.namespace ?? '')
          .filter(({ metadata }) => matcher.matches(metadata.labels))
        if (selected.length === 0)
          report(budget, work, 'Normal', 'NoPods', 'No matching pods found')
        const nowMs = clock.now()
        const scale = await expectedScale(budget, selected, countScale, work)
        if (scale instanceof UnknownScaleError) {
          await write(budget, failedStatus(budget, scale.message, nowMs), work)
          return undefined
        }
        const disrupted = disruptedPods(budget, selected, nowMs)
        for (const pod of disrupted.overdue) reportOverdue(budget, pod, work)
        const expectation = expectationOf(budget, selected, scale)
        await write(budget, budgetStatus(budget, selected, expectation, disrupted, nowMs), work)
        const { recheckInMs } = disrupted
        return recheckInMs === undefined ? undefined : requeueAfter(recheckInMs)
      },
    }
  },
}

/** What controllers want in sum; an error that the budget's status has to tell. */
async function expectedScale(
  budget: BudgetObject,
  pods: readonly Pod[],
  countScale: CountScale,
  work: Work,
): Promise<number | UnknownScaleError> {
  if (!needsScale(budget)) return 0
  try {
    const { expected, unmanaged } = await countScale(pods, work)
    if (unmanaged.length > 0)
      report(budget, work, 'Warning', 'UnmanagedPods', unmanagedText(budget))
    return expected
  } catch (error) {
    if (!(error instanceof UnknownScaleError)) throw error
    const message = `Failed to calculate the number of expected pods: ${error.message}`
    report(budget, work, 'Warning', 'CalculateExpectedPodCountFailed', message)
    return error
  }
}

const unmanagedText = ({ spec }: BudgetObject): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${goSelector(spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`

/** A conflict means that an eviction was granted meanwhile: it must not be forgotten. */
async function write(
  budget: BudgetObject,
  status: BudgetObject['status'],
  { client }: Work,
): Promise<void> {
  if (semanticEqual(budget.status, status)) return
  await client.of(resources.podDisruptionBudgets).updateStatus({ ...budget, status })
}

type ScaledObject = KubeObject & { readonly spec: { readonly replicas?: number } }

const mayMatter = (old: Pod, pod: Pod): boolean =>
  isPodReady(old) !== isPodReady(pod) ||
  old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
  !semanticEqual(old.metadata.labels, pod.metadata.labels)

function reportOverdue(budget: BudgetObject, pod: PodObject | Pod, work: Work): void {
  const { namespace, name } = budget.metadata
  const message = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`
  work.event(pod, resources.pods, { type: 'Warning', reason: 'NotDeleted', message })
}

function report(
  budget: BudgetObject,
  work: Work,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  work.event(budget, resources.podDisruptionBudgets, { type, reason, message })
}
