import type { KubeObject } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import type { Strategy } from '../strategy.js'
import { contextWith, faultsOf } from '../strategy.suite.js'
import { mutatingAdmissionPolicies, validatingAdmissionPolicies } from './policies.js'
import { validatingAdmissionPolicyBindings } from './policy-bindings.js'

const RULE = {
  apiGroups: ['g'],
  apiVersions: ['v1'],
  resources: ['things'],
  operations: ['CREATE'],
}
const match = (rule: object = {}) => ({ resourceRules: [{ ...RULE, ...rule }] })
const object = (spec: object) => ({ metadata: { name: 'p' }, spec })
const TRUE = [{ expression: 'true' }]

describe('a ValidatingAdmissionPolicy', () => {
  it.each<[string, object, string[]]>([
    ['is fine', {}, []],
    [
      'matches nothing',
      { matchConstraints: {} },
      ['matchConstraints.resourceRules: Required value'],
    ],
    [
      'names an object twice',
      { matchConstraints: match({ resourceNames: ['a', 'a'] }) },
      ['matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"'],
    ],
    [
      'speaks in several lines',
      { validations: [{ expression: 'true', message: 'a\nb', reason: 'Nope' }] },
      [
        'validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
        'validations[0].reason: Unsupported value: "Nope": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
      ],
    ],
    [
      'names variables badly',
      { variables: [{ name: 'a b', expression: '1' }, { name: 'for', expression: ' ' }, {}] },
      [
        'variables[0].name: Invalid value: "a b": must be a valid CEL identifier',
        'variables[1].name: Invalid value: "for": must be a valid CEL identifier',
        'variables[1].expression: Required value: expression is not specified',
        'variables[2].name: Required value: name is not specified',
        'variables[2].expression: Required value: expression is not specified',
      ],
    ],
    [
      'leaves the same in the log twice',
      { auditAnnotations: [{ key: 'k', valueExpression: '"v"' }, { key: 'k' }] },
      [
        'auditAnnotations[1].valueExpression: Required value: valueExpression is not specified',
        'auditAnnotations[1].key: Duplicate value: "k"',
      ],
    ],
    [
      'takes parameters of no kind',
      { paramKind: { apiVersion: 'v1' } },
      ['paramKind.kind: Required value'],
    ],
  ])('that %s', (_, spec, expected) => {
    const policy = object({ matchConstraints: match(), validations: TRUE, ...spec })
    expect(faultsOf(validatingAdmissionPolicies, policy)).toEqual(
      expected.map((fault) => `spec.${fault}`),
    )
  })
})

it('a MutatingAdmissionPolicy says how it patches', () => {
  const faults = (mutation: object) =>
    faultsOf(
      mutatingAdmissionPolicies,
      object({ matchConstraints: match(), reinvocationPolicy: 'Never', mutations: [mutation] }),
    )
  expect(faults({ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } })).toEqual([])
  expect(faults({ patchType: 'JSONPatch' })).toEqual([
    'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch',
  ])
  expect(faults({ patchType: 'X' })).toEqual([
    'spec.mutations[0].patchType: Unsupported value: "X": supported values: "ApplyConfiguration", "JSONPatch"',
  ])
})

it.each<[object, string[]]>([
  [{ validationActions: ['Deny', 'Audit'] }, []],
  [{}, ['validationActions: Required value: at least one validation action is required']],
  [
    { validationActions: ['Deny'], paramRef: { name: 'a', selector: {} } },
    [
      'paramRef.name: Forbidden: name and selector are mutually exclusive',
      'paramRef.selector: Forbidden: name and selector are mutually exclusive',
      'paramRef.parameterNotFoundAction: Required value',
    ],
  ],
])('a binding with %j', (spec, expected) => {
  const binding = object({ policyName: 'p', ...spec })
  expect(faultsOf(validatingAdmissionPolicyBindings, binding)).toEqual(
    expected.map((fault) => `spec.${fault}`),
  )
})

it('what is said of a ValidatingAdmissionPolicy is checked', () => {
  const status = {
    conditions: [
      { type: 'A', status: 'x', lastTransitionTime: '2020-01-01T00:00:00Z', reason: 'R' },
    ],
    typeChecking: { expressionWarnings: [{}] },
  }
  const policy = { ...object({}), status } as unknown as KubeObject
  const { status: written } =
    (validatingAdmissionPolicies as unknown as Strategy).subresources ?? {}
  const faults = written?.validateUpdate?.(policy, policy, contextWith()) ?? []
  expect(faults.map(({ field }) => field)).toEqual([
    'status.typeChecking.expressionWarnings[0].warning',
    'status.typeChecking.expressionWarnings[0].fieldRef',
    'status.conditions[0].status',
  ])
})
