import { describe, expect, it } from 'vitest'
import { flowControlObjects } from '../../bootstrap/flow-control.js'
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
    ['says no type', level(undefined, ''), ['spec.type: Required value']],
    ['queues by default values', level(queuing({})), []],
    [
      'says no limits',
      level(undefined),
      ['spec.limited: Required value: must not be empty when type is Limited'],
    ],
    [
      'is exempt by name only',
      level({ limitResponse: { type: 'Reject' } }, 'Limited', 'exempt'),
      [
        "spec.type: Invalid value: \"Limited\": must be 'Exempt' if and only if `name` is 'exempt'",
        `spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":30,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of 'exempt' except the 'spec.exempt' field must equal the fixed value`,
      ],
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
      'lends less than nothing, and says nothing of what is too much',
      level({ lendablePercent: -1 }),
      [
        'spec.limited.limitResponse.type: Required value',
        'spec.limited.lendablePercent: Invalid value: -1: must be between 0 and 100, inclusive',
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

describe('what the server could not do without', () => {
  it('stays as it is', () => {
    const exempt = {
      priorityLevelConfiguration: { name: 'exempt' },
      matchingPrecedence: 1,
      rules: [RULE],
    }
    const faults = faultsOf(flowSchemas, { metadata: { name: 'exempt' }, spec: exempt })
    expect(faults).toEqual([
      'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"exempt"},"MatchingPrecedence":1,"DistinguisherMethod":null,"Rules":[{"Subjects":[{"Kind":"User","User":{"Name":"u"},"Group":null,"ServiceAccount":null}],"ResourceRules":[{"Verbs":["get"],"APIGroups":[""],"Resources":["pods"],"ClusterScope":false,"Namespaces":["x"]}],"NonResourceRules":null}]}: spec of \'exempt\' must equal the fixed value',
    ])
  })

  it('lends as much as anybody likes', () => {
    const spec = { type: 'Exempt', exempt: { nominalConcurrencyShares: 7, lendablePercent: 50 } }
    const faults = faultsOf(priorityLevelConfigurations, { metadata: { name: 'exempt' }, spec })
    expect(faults).toEqual([])
  })

  it.each(flowControlObjects('2026-01-01T00:00:00Z'))('passes its own rules: %#', (object) => {
    const { kind } = object as { kind: string }
    const strategy = kind === 'FlowSchema' ? flowSchemas : priorityLevelConfigurations
    expect(faultsOf(strategy, object)).toEqual([])
  })
})
