import { hostname } from 'node:os'
import type { KubeObject } from '@miniplane/api'
import type { Cluster } from './cluster.js'
import { NAMESPACED } from './resources.js'

/** All that a namespace holds, without what no two control planes share. */
export type Snapshot = Readonly<Record<string, readonly unknown[]>>

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
const CLUSTER_ADDRESS = /\b10\.0\.0\.\d+\b/g
const POD_ADDRESS = /\b192\.0\.2\.\d+\b/g
const NODE = /\bnode-[123]\b/g
const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g
/** Of Go's alphabet for generated names. */
const RANDOM_NAME = /-[bcdfghjklmnpqrstvwxz2456789]{5}(?![0-9a-z-])/g
const EVENT_NAME = /\.[0-9a-f]{16}$/
const PEM = /-----BEGIN[\s\S]*-----\n?/
const ENCODED_PEM = /^LS0tLS1CRUdJTi.*/
const ENCODED_TOKEN = /^ZXlK.*/
/** Minutes since 1970 behind the name of a CronJob. */
const SCHEDULED_NAME = /-2\d{7}(?!\d)/g

/** In every namespace: shown where a scenario asks for them. */
const INITIAL = new Set(['default', 'kube-root-ca.crt'])

/** Takes the namespace's objects, and those named of the cluster. */
export async function snapshot(
  cluster: Cluster,
  others: readonly (readonly [kind: string, name: string])[] = [],
): Promise<Snapshot> {
  const found: [string, readonly KubeObject[]][] = []
  const isNews = ({ metadata }: KubeObject) => !INITIAL.has(metadata.name ?? '')
  for (const kind of NAMESPACED) found.push([kind, (await cluster.list(kind)).filter(isNews)])
  for (const [kind, name] of others) {
    found.push([kind, (await cluster.list(kind)).filter(({ metadata }) => metadata.name === name)])
    found.push([`Event of ${kind}`, await cluster.eventsOf(kind, name)])
  }
  const mask = maskFor(found.flatMap(([kind, objects]) => objects.map((each) => [kind, each])))
  const plain = found.map(([kind, objects]) => {
    const shown = kind.startsWith('Event') ? reports(objects, mask) : objects.map(mask)
    return [kind, sorted(shown)] as const
  })
  return Object.fromEntries(plain.filter(([, objects]) => objects.length > 0))
}

const sorted = (objects: readonly unknown[]): unknown[] =>
  objects.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** Whoever writes at the same time as another, or finds a Pod gone, may say so or not. */
const CHANCE = /the object has been modified|Cancelling deletion of Pod/

/** What somebody reports of an object, each report once: how often depends on the machine's speed. */
function reports(events: readonly KubeObject[], mask: (event: KubeObject) => unknown): unknown[] {
  const age = ({ metadata }: KubeObject) => Number(metadata.resourceVersion)
  const lines = events
    .filter((event) => !CHANCE.test((event as KubeObject & { message: string }).message))
    .toSorted((a, b) => age(a) - age(b))
    .map((event) => {
      const { involvedObject: about, source, ...rest } = mask(event) as CoreEvent
      const { type, reason, action, message, reportingComponent } = rest
      const of = [about.kind, about.name, about.fieldPath].filter(Boolean).join('/')
      const by = new Set([reportingComponent, source?.component].filter(Boolean))
      return [
        `${of} by ${[...by]}`,
        [type, reason, action, message].filter(Boolean).join(' '),
      ] as const
    })
  const said = new Map<string, Set<string>>()
  for (const [about, line] of lines) said.set(about, (said.get(about) ?? new Set()).add(line))
  return [...said].map(([about, what]) => ({ about, said: withSortedRuns([...what]) }))
}

/** Lines of one reason in a row: what is done at the same time has no order. */
function withSortedRuns(lines: readonly string[]): string[] {
  const reasonOf = (line: string) => line.split(' ', 2).join(' ')
  const runs: string[][] = []
  for (const line of lines) {
    const run = runs.at(-1)
    if (run?.[0] !== undefined && reasonOf(run[0]) === reasonOf(line)) run.push(line)
    else runs.push([line])
  }
  return runs.flatMap((run) => run.sort())
}

/** Managers stand in the order of seconds, subsets of Endpoints in that of a hash with uids in it. */
const inOrder = (key: string, value: unknown): unknown => {
  if (key === 'subsets') return sorted(value as unknown[])
  return key === 'managedFields'
    ? (value as unknown[]).map((each) => JSON.stringify(each)).sort()
    : value
}

interface CoreEvent {
  readonly involvedObject: {
    readonly kind: string
    readonly name: string
    readonly fieldPath?: string
  }
  readonly source?: { readonly component?: string }
  readonly reportingComponent: string
  readonly type: string
  readonly reason: string
  readonly action?: string
  readonly message: string
}

/** Replaces random names, uids, versions, times and addresses in all that is given to it. */
function maskFor(objects: readonly (readonly [kind: string, object: KubeObject])[]) {
  const owners = new Map<string, string>()
  for (const [kind, { metadata }] of objects) {
    const name = (metadata.name ?? '').replace(RANDOM_NAME, '-*')
    owners.set(metadata.uid ?? '', `uid of ${kind} ${name}`)
  }
  const text = (value: string) =>
    value
      .replace(UID, (uid) => owners.get(uid) ?? 'uid of what is gone')
      .replace(EVENT_NAME, '.*')
      .replace(RANDOM_NAME, '-*')
      .replace(TIME, 'time')
      .replace(CLUSTER_ADDRESS, 'cluster address')
      .replace(POD_ADDRESS, 'pod address')
      .replace(SCHEDULED_NAME, '-minute')
      .replace(PEM, 'PEM')
      .replace(ENCODED_PEM, 'PEM')
      .replace(ENCODED_TOKEN, 'token')
      .replace(NODE, 'a node')
      .replaceAll(hostname(), 'host')
  const mask = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(mask)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
      .filter(([key]) => key !== 'resourceVersion')
      .map(([key, part]) => [text(key), inOrder(key, mask(part))] as const)
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return mask
}
