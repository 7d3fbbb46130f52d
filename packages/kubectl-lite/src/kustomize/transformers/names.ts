import { isObject } from '../../resolve/documents.js'
import { changeFields } from '../field-path.js'
import type { BuildResource } from '../resource.js'

const UNPREFIXED = ['CustomResourceDefinition', 'APIService', 'Namespace']

/** Puts every resource that has one into a namespace, and Namespaces under its name. */
export function setNamespace(resource: BuildResource, namespace: string): void {
  const { id } = resource
  if (resource.namespaced) resource.rename({ namespace })
  else if (id.kind === 'Namespace' && id.group === '') resource.rename({ name: namespace })
  if (id.kind === 'RoleBinding' || id.kind === 'ClusterRoleBinding') {
    changeFields(resource, [{ path: 'subjects' }], (subject) =>
      isObject(subject) && subject.name === 'default' ? { ...subject, namespace } : undefined,
    )
  }
  changeFields(
    resource,
    [
      { kind: 'APIService', path: 'spec/service/namespace', create: true },
      {
        kind: 'CustomResourceDefinition',
        path: 'spec/conversion/webhook/clientConfig/service/namespace',
      },
    ],
    () => namespace,
  )
}

export function addPrefix(resource: BuildResource, prefix: string): void {
  if (UNPREFIXED.includes(resource.id.kind)) return
  resource.affixes.push(`${prefix}-`)
  resource.rename({ name: `${prefix}${resource.id.name}` })
}

export function addSuffix(resource: BuildResource, suffix: string): void {
  if (UNPREFIXED.includes(resource.id.kind)) return
  resource.affixes.push(`-${suffix}`)
  resource.rename({ name: `${resource.id.name}${suffix}` })
}
