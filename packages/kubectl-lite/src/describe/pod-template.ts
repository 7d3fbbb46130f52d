import type { PodTemplateSpec, Toleration, TopologySpreadConstraint } from '@miniplane/api'
import { selectorText } from '../workload/selector-text.js'
import { writeContainers } from './containers.js'
import { writeAnnotations, writeLabels, writeList } from './text.js'
import { writeVolumes } from './volumes.js'
import type { DescribeWriter } from './writer.js'

export function describePodTemplate(
  writer: DescribeWriter,
  template: PodTemplateSpec | undefined,
): void {
  writer.line(0, 'Pod Template:')
  if (!template) {
    writer.line(1, '<unset>')
    return
  }
  const { metadata, spec } = template
  writeLabels(writer, '  Labels', metadata?.labels)
  if (Object.keys(metadata?.annotations ?? {}).length > 0) {
    writeAnnotations(writer, '  Annotations', metadata?.annotations)
  }
  if (spec?.serviceAccountName) writer.field('Service Account', spec.serviceAccountName, 1)
  const indent = '  '
  if ((spec?.initContainers ?? []).length > 0) {
    writeContainers(writer, spec?.initContainers, { title: 'Init Containers', indent })
  }
  writeContainers(writer, spec?.containers, { title: 'Containers', indent })
  writeVolumes(writer, spec?.volumes, indent)
  writeSpreadConstraints(writer, spec?.topologySpreadConstraints, indent)
  if (spec?.priorityClassName) writer.field('Priority Class Name', spec.priorityClassName, 1)
  writeLabels(writer, '  Node-Selectors', spec?.nodeSelector)
  writeTolerations(writer, '  Tolerations', spec?.tolerations)
}

export function writeTolerations(
  writer: DescribeWriter,
  title: string,
  tolerations: readonly Toleration[] = [],
): void {
  const byKey = [...tolerations].sort((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1))
  writeList(writer, title, byKey.map(tolerationText))
}

function tolerationText(toleration: Toleration): string {
  const { key = '', value = '', effect = '', operator, tolerationSeconds } = toleration
  let text = key
  if (value !== '') text += `=${value}`
  if (effect !== '') text += `:${effect}`
  if (operator === 'Exists' && value === '') text += text === '' ? 'op=Exists' : ' op=Exists'
  return tolerationSeconds === undefined ? text : `${text} for ${tolerationSeconds}s`
}

export function writeSpreadConstraints(
  writer: DescribeWriter,
  constraints: readonly TopologySpreadConstraint[] = [],
  indent = '',
): void {
  if (constraints.length === 0) return
  const byKey = [...constraints].sort((a, b) => (a.topologyKey < b.topologyKey ? -1 : 1))
  const lines = byKey.map(({ topologyKey, whenUnsatisfiable, maxSkew, labelSelector }) => {
    const selector = labelSelector ? ` for selector ${selectorText(labelSelector)}` : ''
    return `${topologyKey}:${whenUnsatisfiable} when max skew ${maxSkew} is exceeded${selector}`
  })
  writeList(writer, `${indent}Topology Spread Constraints`, lines)
}
