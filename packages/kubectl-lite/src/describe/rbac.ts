import type { KubeObject, PolicyRule, Role, RoleBinding } from '@miniplane/api'
import type { DescribeContext } from './context.js'
import { writeAnnotations, writeLabels } from './text.js'
import type { DescribeWriter } from './writer.js'

function writeName(writer: DescribeWriter, { metadata }: KubeObject): void {
  writer.field('Name', metadata.name)
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
}

export async function describeRole(object: KubeObject, { writer }: DescribeContext) {
  const { rules } = object as unknown as Role
  writeName(writer, object)
  writer.line(0, 'PolicyRule:')
  writer.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs')
  writer.line(1, '---------\t-----------------\t--------------\t-----')
  for (const row of ruleRows(rules ?? [])) writer.line(1, row)
}

interface SimpleRule {
  readonly verbs: string[]
  readonly group: string
  readonly resource: string
  readonly names: readonly string[]
  readonly urls: readonly string[]
}

/** Rules taken apart, one resource or path a row, those of the same resource put together. */
export function ruleRows(rules: readonly PolicyRule[], merge = true): string[] {
  if (!merge) return rules.flatMap(takeApart).sort(byGoText).map(rowOf)
  const merged = new Map<string, SimpleRule>()
  for (const rule of rules.flatMap(takeApart)) {
    const key = JSON.stringify([rule.group, rule.resource, rule.urls, rule.names])
    const known = merged.get(key)
    if (known) known.verbs.push(...rule.verbs.filter((verb) => !known.verbs.includes(verb)))
    else merged.set(key, rule)
  }
  return [...merged.values()].sort(byGoText).map(rowOf)
}

const byGoText = (a: SimpleRule, b: SimpleRule): number => {
  const [left, right] = [goText(a), goText(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** kubectl sorts rules by how Go prints them, which puts `pods/log` before `pods`. */
const goText = ({ verbs, group, resource, names, urls }: SimpleRule): string =>
  `Verbs:[${verbs.join(' ')}],APIGroups:[${group}],Resources:[${resource}],ResourceNames:[${names.join(' ')}],NonResourceURLs:[${urls.join(' ')}],`

const rowOf = ({ verbs, group, resource, names, urls }: SimpleRule): string =>
  `${groupedResource(resource, group)}\t[${urls.join(' ')}]\t[${names.join(' ')}]\t[${verbs.join(' ')}]`

function takeApart(rule: PolicyRule): SimpleRule[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  const names = resourceNames.length > 0 ? resourceNames.map((name) => [name]) : [[]]
  const ofResources = resources.flatMap((resource) =>
    apiGroups.flatMap((group) =>
      names.map((one) => ({ verbs: [...verbs], group, resource, names: one, urls: [] })),
    ),
  )
  const ofUrls = (rule.nonResourceURLs ?? []).map((url) => ({
    verbs: [...verbs],
    group: '',
    resource: '',
    names: [],
    urls: [url],
  }))
  return [...ofResources, ...ofUrls]
}

/** `deployments.apps/scale` */
function groupedResource(resource: string, group: string): string {
  if (group === '') return resource
  const [name = '', ...subresource] = resource.split('/')
  return [`${name}.${group}`, ...subresource].join('/')
}

export async function describeRoleBinding(object: KubeObject, { writer }: DescribeContext) {
  const { roleRef, subjects = [] } = object as unknown as RoleBinding
  writeName(writer, object)
  writer.line(0, 'Role:')
  writer.field('Kind', roleRef?.kind, 1)
  writer.field('Name', roleRef?.name, 1)
  writer.line(0, 'Subjects:')
  writer.line(1, 'Kind\tName\tNamespace')
  writer.line(1, '----\t----\t---------')
  for (const { kind, name, namespace = '' } of subjects) {
    writer.line(1, `${kind}\t${name}\t${namespace}`)
  }
}
