import { flag } from '../../cli/flags.js'
import { defineGenerator } from './generator.js'

export const priorityClass = defineGenerator({
  usage:
    'priorityclass NAME --value=VALUE --global-default=BOOL [--dry-run=server|client|none] [options]',
  summary: 'Create a priority class with the specified name',
  resource: {
    group: 'scheduling.k8s.io',
    version: 'v1',
    resource: 'priorityclasses',
    kind: 'PriorityClass',
    namespaced: false,
  },
  failure: 'failed to create priorityclass: ',
  flags: {
    description: flag.string(
      'description is an arbitrary string that usually provides guidelines on when this priority class should be used.',
    ),
    globalDefault: flag.bool(
      'global-default specifies whether this PriorityClass should be considered as the default priority.',
    ),
    preemptionPolicy: flag.string(
      'preemption-policy is the policy for preempting pods with lower priority.',
      {
        default: 'PreemptLowerPriority',
      },
    ),
    value: flag.int('the value of this priority class.'),
  },
  build: async (_, __, { flags }) => ({
    value: flags.value,
    ...(flags.globalDefault ? { globalDefault: true } : {}),
    ...(flags.description === '' ? {} : { description: flags.description }),
    preemptionPolicy: flags.preemptionPolicy,
  }),
})
