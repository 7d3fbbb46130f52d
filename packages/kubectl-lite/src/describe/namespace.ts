import type {
  KubeList,
  KubeObject,
  LimitRange,
  LimitRangeItem,
  Namespace,
  ResourceQuota,
} from '@miniplane/api'
import { resourcePath } from '../resolve/paths.js'
import type { DescribeContext } from './context.js'
import { writeIdentity } from './text.js'
import type { DescribeWriter } from './writer.js'

const LIMIT_TITLES =
  'Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio'
const LIMIT_RULES =
  '----\t--------\t---\t---\t---------------\t-------------\t-----------------------'

export async function describeNamespace(
  object: KubeObject,
  context: DescribeContext,
): Promise<void> {
  const { writer } = context
  const { status } = object as unknown as Namespace
  writeIdentity(writer, object)
  writer.field('Status', status?.phase)
  if ((status?.conditions ?? []).length > 0) {
    writer.line(0, 'Conditions:')
    writer.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
    writer.line(1, '----\t------\t------------------\t------\t-------')
    for (const { type, status: state, lastTransitionTime, reason, message } of status?.conditions ??
      []) {
      writer.line(
        1,
        `${type}\t${state}\t${lastTransitionTime ?? ''}\t${reason ?? ''}\t${message ?? ''}`,
      )
    }
  }
  writer.raw('\n')
  writeQuotas(writer, await listIn<ResourceQuota>(context, object, 'resourcequotas'))
  writer.raw('\n')
  writeLimits(writer, await listIn<LimitRange>(context, object, 'limitranges'))
}

async function listIn<T>(
  { session }: DescribeContext,
  { metadata }: KubeObject,
  resource: string,
): Promise<T[]> {
  const path = resourcePath({ group: '', version: 'v1', resource, namespaced: true }, metadata.name)
  const list = (await session.rest.object({ method: 'GET', path })) as unknown as KubeList
  return list.items as unknown as T[]
}

function writeQuotas(writer: DescribeWriter, quotas: readonly ResourceQuota[]): void {
  if (quotas.length === 0) {
    writer.line(0, 'No resource quota.')
    return
  }
  writer.raw('Resource Quotas')
  for (const quota of quotas) {
    writer.raw(`\n  Name:\t${quota.metadata.name}\n`)
    writeScopes(writer, quota, 1, '* ')
    writer.line(1, 'Resource\tUsed\tHard')
    writer.line(1, '--------\t---\t---')
    for (const row of quotaRows(quota)) writer.line(1, row)
  }
}

const SCOPES: Readonly<Record<string, string>> = {
  Terminating:
    'Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system.',
  NotTerminating:
    'Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate.',
  BestEffort:
    'Matches all pods that do not have resource requirements set. These pods have a best effort quality of service.',
  NotBestEffort:
    'Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service.',
}

/** Which Pods a quota is about, and what that means. */
function writeScopes(
  writer: DescribeWriter,
  { spec }: ResourceQuota,
  level: number,
  bullet: string,
): void {
  const scopes = [...(spec?.scopes ?? [])].sort()
  if (scopes.length === 0) return
  writer.field('Scopes', scopes.join(', '), level)
  for (const scope of scopes) {
    const help = SCOPES[scope]
    if (help !== undefined) writer.line(level, `${bullet}${help}`)
  }
}

const quotaRows = ({ status }: ResourceQuota): string[] =>
  Object.entries(status?.hard ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}\t${status?.used?.[name] ?? '0'}\t${hard}`)

export async function describeResourceQuota(
  object: KubeObject,
  { writer }: DescribeContext,
): Promise<void> {
  const quota = object as unknown as ResourceQuota
  writer.field('Name', quota.metadata.name)
  writer.field('Namespace', quota.metadata.namespace)
  writeScopes(writer, quota, 0, ' * ')
  writer.line(0, 'Resource\tUsed\tHard')
  writer.line(0, '--------\t----\t----')
  for (const row of quotaRows(quota)) writer.line(0, row)
}

function writeLimits(writer: DescribeWriter, ranges: readonly LimitRange[]): void {
  if (ranges.length === 0) {
    writer.line(0, 'No LimitRange resource.')
    return
  }
  writer.line(0, 'Resource Limits')
  writer.line(0, ` ${LIMIT_TITLES}`)
  writer.line(0, ` ${LIMIT_RULES}`)
  for (const { spec } of ranges) {
    for (const item of spec?.limits ?? []) {
      for (const row of limitRows(item)) writer.line(0, ` ${row}`)
    }
  }
}

function limitRows(item: LimitRangeItem): string[] {
  const { min, max, default: limit, defaultRequest, maxLimitRequestRatio: ratio } = item
  const lists = [min, max, defaultRequest, limit, ratio]
  const names = new Set(lists.flatMap((list) => Object.keys(list ?? {})))
  return [...names]
    .sort()
    .map((name) => [item.type, name, ...lists.map((list) => list?.[name] ?? '-')].join('\t'))
}

export async function describeLimitRange(
  object: KubeObject,
  { writer }: DescribeContext,
): Promise<void> {
  const { metadata, spec } = object as unknown as LimitRange
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  writer.line(0, LIMIT_TITLES)
  writer.line(0, LIMIT_RULES)
  for (const item of spec?.limits ?? []) for (const row of limitRows(item)) writer.line(0, row)
}
