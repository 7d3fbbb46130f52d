import { describe, expect, it } from 'vitest'
import { faultsOf } from '../strategy.suite.js'
import { flowSchemas } from './flow-schemas.js'
import { priorityLevelConfigurations } from './priority-levels.js'

const RULE = {
  subjects: [{ kind: 'User', user: { name: 'u' } }],
  resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['x'] }],
}
const schema = (spec: object, rule: object = RULE) => ({
  metadata: { name: 's' },
  spec: { priorityLevelConfiguration: { name: 'global-default' }, rules: [rule], ...spec },
})
const level = (limited: object | undefined, type = 'Limited', name = 'l') => ({
  metadata: { name },
  spec: { type, ...(limited && { limited }) },
})
const queuing = (config: object) => ({ limitResponse: { type: 'Queue', queuing: config } })

describe('a FlowSchema', () => {
  const path = 'spec.rules[0]'
  it.each<[string, object, string[]]>([
    ['is fine', schema({}), []],
    [
      'comes after',
      schema({ matchingPrecedence: 10001 }),
      ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
    ],
    [
      'names no level',
      schema({ priorityLevelConfiguration: { name: '' } }),
      ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
    ],
    [
      'has a subject of two kinds',
      schema(
        {},
        { ...RULE, subjects: [{ kind: 'Group', group: { name: 'g' }, user: { name: 'u' } }] },
      ),
      [`${path}.subjects[0].user: Forbidden: user is forbidden when subject kind is not 'User'`],
    ],
    [
      'has a wildcard among others',
      schema(
        {},
        {
          ...RULE,
          resourceRules: [
            { verbs: ['*', 'get'], apiGroups: ['*'], resources: ['*'], clusterScope: true },
          ],
        },
      ),
      [
        `${path}.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
      ],
    ],
    [
      'has broken paths',
      schema(
        {},
        {
          ...RULE,
          nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/a//b', '/a/*', '/a*/b'] }],
        },
      ),
      [
        `${path}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "/a//b": must not contain double slash`,
        `${path}.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "/a*/b": wildcard can only do suffix matching`,
      ],
    ],
  ])('that %s', (_, object, faults) => {
    expect(faultsOf(flowSchemas, object)).toEqual(faults)
  })
})

describe('a PriorityLevelConfiguration', () => {
  const path = 'spec.limited.limitResponse.queuing'
  it.each<[string, object, string[]]>([
    ['queues by default values', level(queuing({})), []],
    [
      'says no limits',
      level(undefined),
      ['spec.limited: Required value: must not be empty when type is Limited'],
    ],
    [
      'is exempt by name only',
      level({ limitResponse: { type: 'Reject' } }, 'Limited', 'exempt'),
      ["spec.type: Invalid value: \"Limited\": must be 'Exempt' if and only if `name` is 'exempt'"],
    ],
    [
      'deals more than there is',
      level(queuing({ queues: 4 })),
      [`${path}.handSize: Invalid value: 8: should not be greater than queues (4)`],
    ],
    [
      'deals more than a hash holds',
      level(queuing({ queues: 1024, handSize: 8 })),
      [
        `${path}.handSize: Invalid value: 8: required entropy bits of deckSize 1024 and handSize 8 should not be greater than 60`,
      ],
    ],
    [
      'lends more than it has',
      level({ lendablePercent: 101, limitResponse: { type: 'Reject' } }),
      ['spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive'],
    ],
  ])('that %s', (_, object, faults) => {
    expect(faultsOf(priorityLevelConfigurations, object)).toEqual(faults)
  })
})
