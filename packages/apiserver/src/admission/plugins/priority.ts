import type { Pod, PriorityClass } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { isAbout, objectAs, refuse } from './request-kinds.js'

const GROUP = 'scheduling.k8s.io'

/** Turns a Pod's priority class into its priority, and keeps the default class single. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  handles(operation, definition, subresource) {
    if (operation !== 'CREATE' && operation !== 'UPDATE') return false
    return (
      isAbout(definition, subresource, '', 'pods') ||
      isAbout(definition, subresource, GROUP, 'priorityclasses')
    )
  },
  admit(request) {
    if (request.definition.resource !== 'pods') return
    if (request.operation === 'CREATE') setPriority(request)
    else keepPriority(request)
  },
  validate(request) {
    if (request.definition.resource === 'priorityclasses') refuseSecondDefault(request)
  },
}

function classes({ context }: AdmissionRequest): PriorityClass[] {
  return [...context.lister.list(GROUP, 'priorityclasses')] as unknown as PriorityClass[]
}

function classOf(request: AdmissionRequest, { spec }: Pod): PriorityClass | undefined {
  if (!spec.priorityClassName) {
    const defaults = classes(request).filter(({ globalDefault }) => globalDefault)
    return defaults.sort((a, b) => a.value - b.value)[0]
  }
  const { priorityClassName: name } = spec
  const found = request.context.lister.get(GROUP, 'priorityclasses', undefined, name)
  if (!found) throw refuse(request, `no PriorityClass with name ${name} was found`)
  return found as unknown as PriorityClass
}

function setPriority(request: AdmissionRequest): void {
  const pod = objectAs<Pod>(request)
  const found = classOf(request, pod)
  const name = found?.metadata.name ?? ''
  const value = found?.value ?? 0
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority'
  const { spec } = pod
  if (spec.priority !== undefined && spec.priority !== value) {
    const message = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`
    throw refuse(request, message)
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    const message = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`
    throw refuse(request, message)
  }
  if (name && !spec.priorityClassName) spec.priorityClassName = name
  spec.priority = value
  spec.preemptionPolicy = policy
}

/** An update that leaves the computed fields out does not mean to remove them. */
function keepPriority(request: AdmissionRequest): void {
  const { spec } = objectAs<Pod>(request)
  const old = (request.oldObject as unknown as Pod | undefined)?.spec
  if (spec.priority === undefined && old?.priority !== undefined) spec.priority = old.priority
  if (spec.preemptionPolicy === undefined && old?.preemptionPolicy !== undefined) {
    spec.preemptionPolicy = old.preemptionPolicy
  }
}

function refuseSecondDefault(request: AdmissionRequest): void {
  const one = objectAs<PriorityClass>(request)
  if (!one.globalDefault) return
  const other = classes(request).find(({ globalDefault }) => globalDefault)
  const { name = '' } = other?.metadata ?? {}
  if (!other || name === one.metadata.name) return
  const message = `PriorityClass ${name} is already marked as default. Only one default can exist`
  throw refuse(request, message)
}
