import type { LimitRange, ResourceQuota } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { limitRanges } from './limit-ranges.js'
import { resourceQuotas } from './resource-quotas.js'

describe('a ResourceQuota', () => {
  const quota = (spec: object) => ({ metadata: { name: 'q' }, spec, status: {} }) as ResourceQuota
  const select = (scopeName: string, operator: string, ...values: string[]) => ({
    scopeSelector: { matchExpressions: [{ scopeName, operator, values }] },
  })
  const at = 'spec.scopeSelector.matchExpressions'

  it.each<[string, object, string[]]>([
    [
      'scopes that contradict each other',
      { scopes: ['BestEffort', 'NotBestEffort'], hard: { pods: '1' } },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      'a scope of Pods for other things',
      { scopes: ['Terminating'], hard: { services: '1', 'count/x.y': '1' } },
      ['spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
    ],
    [
      'a scope of claims',
      {
        ...select('VolumeAttributesClass', 'In', 'a'),
        hard: { 'requests.storage': '1', persistentvolumeclaims: '1' },
      },
      [],
    ],
    [
      'a name that nothing knows',
      { hard: { foo: '1', storage: '1', 'example.com/foo': '1' } },
      [
        'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
        'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
        'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
      ],
    ],
    [
      'a scope of a value, where it has none',
      select('BestEffort', 'In', 'a'),
      [
        `${at}.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
      ],
    ],
    [
      'a scope that nothing knows',
      select('Nope', 'Exists'),
      [`${at}.scopeName: Invalid value: "Nope": unsupported scope`],
    ],
    [
      'values where there can be none',
      select('PriorityClass', 'Exists', 'a'),
      [
        `${at}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
      ],
    ],
  ])('with %s', (_what, spec, faults) => {
    expect(faultsOf(resourceQuotas, quota(spec))).toEqual(faults)
  })

  it('keeps its scopes, in any order', () => {
    const before = quota({ scopes: ['Terminating', 'NotBestEffort'] })
    const turned = quota({ scopes: ['NotBestEffort', 'Terminating'] })
    expect(updateFaultsOf(resourceQuotas, turned, before)).toEqual([])
    expect(updateFaultsOf(resourceQuotas, quota({}), before)).toEqual([
      'spec.scopes: Invalid value: null: field is immutable',
    ])
  })
})

describe('a LimitRange', () => {
  const range = (...limits: object[]) =>
    ({ metadata: { name: 'l' }, spec: { limits } }) as LimitRange
  const path = 'spec.limits[0]'

  it.each<[string, object, string[]]>([
    [
      'amounts that are not promised twice',
      {
        type: 'Container',
        default: { 'example.com/gpu': '2' },
        defaultRequest: { 'example.com/gpu': '1' },
      },
      [
        `${path}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
      ],
    ],
    [
      'something that no container has',
      {
        type: 'Container',
        max: { pods: '1' },
        default: { pods: '1' },
        defaultRequest: { pods: '1' },
      },
      ['max', 'default', 'defaultRequest'].map(
        (field) =>
          `${path}.${field}[pods]: Invalid value: "pods": must be a standard resource for containers`,
      ),
    ],
    [
      'a name that every object of JavaScript has',
      { type: 'Pod', min: { cpu: '1' }, max: { constructor: '1' } },
      ['resource type or fully qualified', 'resource for containers'].map(
        (what) =>
          `${path}.max[constructor]: Invalid value: "constructor": must be a standard ${what}`,
      ),
    ],
    ['empty defaults for Pods', { type: 'Pod', default: {}, max: { cpu: '1' } }, []],
    [
      'defaults for Pods',
      { type: 'Pod', default: { cpu: '1' } },
      [`${path}.default: Forbidden: may not be specified when \`type\` is 'Pod'`],
    ],
  ])('with %s', (_what, limit, faults) => {
    expect(faultsOf(limitRanges, range(limit))).toEqual(faults)
  })
})
