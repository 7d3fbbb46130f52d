import type { KubeObject, ManagedFieldsEntry } from '@miniplane/api'

type Fields = { [field: string]: Fields }

const OWNED: Fields = {}

/** Who owns the fields of a role or binding that the server made: the server, all of them. */
export function managedByServer(object: KubeObject, now: string): ManagedFieldsEntry[] {
  const { apiVersion = '', metadata, ...rest } = object
  const fields: Fields = {}
  if ('aggregationRule' in rest)
    fields['f:aggregationRule'] = { '.': OWNED, 'f:clusterRoleSelectors': OWNED }
  fields['f:metadata'] = {
    'f:annotations': keysOf(metadata.annotations),
    'f:labels': keysOf(metadata.labels),
  }
  // Lists that are replaced as a whole are owned as a whole.
  for (const name of ['roleRef', 'rules', 'subjects'])
    if ((rest as Record<string, unknown>)[name]) fields[`f:${name}`] = OWNED
  return [
    {
      manager: 'kube-apiserver',
      operation: 'Update',
      apiVersion,
      time: now,
      fieldsType: 'FieldsV1',
      fieldsV1: fields,
    },
  ]
}

function keysOf(map: Readonly<Record<string, string>> = {}): Fields {
  const keys = Object.keys(map).sort()
  return { '.': OWNED, ...Object.fromEntries(keys.map((key) => [`f:${key}`, OWNED])) }
}
