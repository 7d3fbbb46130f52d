/** A query parameter of an operation. */
export interface Parameter {
  readonly name: string
  readonly type: 'string' | 'boolean' | 'integer'
  readonly description: string
}

const parameter = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  type,
  description,
})

const DRY_RUN = parameter(
  'dryRun',
  'string',
  'Whether modifications are left unpersisted: All, or nothing.',
)

export const PRETTY = [
  parameter('pretty', 'string', "If 'true', then the output is pretty printed."),
]

export const WRITE_PARAMETERS = [
  DRY_RUN,
  parameter('fieldManager', 'string', 'The name of the actor that is making these changes.'),
  parameter('fieldValidation', 'string', 'What unknown fields are: Ignore, Warn or Strict.'),
]

export const PATCH_PARAMETERS = [
  ...WRITE_PARAMETERS,
  parameter('force', 'boolean', 'Makes an apply take over the fields of others.'),
]

export const LIST_PARAMETERS = [
  parameter('allowWatchBookmarks', 'boolean', 'Whether a watch gets bookmarks.'),
  parameter('continue', 'string', 'Asks for the next page of a list.'),
  parameter('fieldSelector', 'string', 'Chooses objects by their fields.'),
  parameter('labelSelector', 'string', 'Chooses objects by their labels.'),
  parameter('limit', 'integer', 'The most objects in one page of a list.'),
  parameter('resourceVersion', 'string', 'The version that the answer has to do with.'),
  parameter('resourceVersionMatch', 'string', 'What it has to do with it.'),
  parameter('sendInitialEvents', 'boolean', 'Whether a watch begins with what there is.'),
  parameter('timeoutSeconds', 'integer', 'How long a list or a watch may take.'),
  parameter('watch', 'boolean', 'Whether changes are watched instead of listed.'),
]

export const DELETE_PARAMETERS = [
  DRY_RUN,
  parameter('gracePeriodSeconds', 'integer', 'The time to end in that the object gets.'),
  parameter('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  parameter('propagationPolicy', 'string', 'What happens to dependents.'),
]
