import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '@miniplane/api'

/** Any of the terms must match; a term without requirements matches no node. */
export const matchesAnyTerm = (terms: readonly NodeSelectorTerm[], node: Node): boolean =>
  terms.some((term) => matchesTerm(term, node))

export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  const labels = node.metadata.labels ?? {}
  const fields: Record<string, string> = { 'metadata.name': node.metadata.name ?? '' }
  return (
    matchExpressions.every((requirement) => meets(labels[requirement.key], requirement)) &&
    matchFields.every((requirement) => meets(fields[requirement.key], requirement))
  )
}

function meets(value: string | undefined, { operator, values = [] }: NodeSelectorRequirement) {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return isInteger(value) && isInteger(values[0]) && BigInt(value) > BigInt(values[0])
    case 'Lt':
      return isInteger(value) && isInteger(values[0]) && BigInt(value) < BigInt(values[0])
    default:
      return false
  }
}

const isInteger = (text: string | undefined): text is string =>
  text !== undefined && /^-?\d+$/.test(text)

/** Whether the node is one that the Pod's selector and required node affinity allow. */
export function allowsNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  for (const key in pod.spec.nodeSelector) {
    if (labels[key] !== pod.spec.nodeSelector[key]) return false
  }
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || matchesAnyTerm(required.nodeSelectorTerms ?? [], node)
}
