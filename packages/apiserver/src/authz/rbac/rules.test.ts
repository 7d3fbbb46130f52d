import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { AccessAttributes } from '../authorizer.js'
import { escalationText } from './escalation.js'
import { missingRights, type Rule, rulesAllow } from './rules.js'

/** `get apps/deployments/scale:web`: verb, group (`core` for none), resource, subresource, name. */
function access(text: string): AccessAttributes {
  const [verb = '', what = ''] = text.split(' ')
  if (what.startsWith('/')) return { ...NOTHING, isResource: false, verb, path: what }
  const [path = '', name = ''] = what.split(':')
  const [group = '', resource = '', subresource = ''] = path.split('/')
  return { ...NOTHING, verb, group: group === 'core' ? '' : group, resource, subresource, name }
}

const NOTHING = {
  isResource: true,
  verb: '',
  path: '',
  group: '',
  namespace: '',
  resource: '',
  subresource: '',
  name: '',
}

const rule = (verbs: string, groups: string, resources: string, names = ''): Rule => ({
  verbs: verbs.split(' '),
  apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
  resources: resources.split(' '),
  ...(names && { resourceNames: names.split(' ') }),
})
const paths = (verbs: string, urls: string): Rule => ({
  verbs: verbs.split(' '),
  nonResourceURLs: urls.split(' '),
})

describe('what a rule allows', () => {
  test.each<[rule: Rule, access: string, allowed: boolean]>([
    [rule('get list', 'core', 'pods'), 'get core/pods', true],
    [rule('get list', 'core', 'pods'), 'delete core/pods', false],
    [rule('get list', 'core', 'pods'), 'get apps/pods', false],
    [rule('*', '*', '*'), 'anything any/thing/at:all', true],
    // Subresources are resources of their own.
    [rule('get', 'core', 'pods'), 'get core/pods/log', false],
    [rule('get', 'core', 'pods/log'), 'get core/pods/log', true],
    [rule('get', 'core', 'pods/log'), 'get core/pods', false],
    [rule('get', 'apps', '*/scale'), 'get apps/deployments/scale', true],
    [rule('get', 'apps', '*/scale'), 'get apps/deployments', false],
    [rule('get', 'apps', '*/scale'), 'get apps/deployments/upscale', false],
    [rule('get', 'core', '*'), 'get core/pods/log', true],
    // Names: what names no object is not among them.
    [rule('get', 'core', 'secrets', 'one two'), 'get core/secrets:one', true],
    [rule('get', 'core', 'secrets', 'one two'), 'get core/secrets:three', false],
    [rule('list create', 'core', 'secrets', 'one'), 'list core/secrets', false],
    [rule('list', 'core', 'secrets', 'one'), 'list core/secrets:one', true],
    // Paths: a star at the end stands for whatever follows.
    [paths('get', '/healthz'), 'get /healthz', true],
    [paths('get', '/healthz'), 'get /healthz/ping', false],
    [paths('get', '/healthz/*'), 'get /healthz/ping', true],
    [paths('get', '/healthz/*'), 'get /healthz', false],
    [paths('get', '/x*'), 'get /xyz/a', true],
    [paths('get', '/x/*/y'), 'get /x/a/y', false],
    [paths('get', '*'), 'get /metrics', true],
    [paths('get', '*'), 'post /metrics', false],
    // Rules for resources say nothing of paths, and the other way round.
    [rule('*', '*', '*'), 'get /metrics', false],
    [paths('*', '*'), 'get core/pods', false],
  ])('%j: %s → %s', (one, asked, allowed) => {
    expect(rulesAllow([one], access(asked))).toBe(allowed)
  })
})

describe('what is missing to give a rule away', () => {
  test.each<[about: string, held: Rule[], wanted: Rule, missing: string[]]>([
    ['the same', [rule('get', 'core', 'pods')], rule('get', 'core', 'pods'), []],
    ['less', [rule('get list', 'core', 'pods secrets')], rule('get', 'core', 'pods'), []],
    [
      'pieced together',
      [rule('get', 'core', 'pods'), rule('list', 'core', 'pods')],
      rule('get list', 'core', 'pods'),
      [],
    ],
    [
      'a subresource of all',
      [rule('get', 'apps', '*/scale')],
      rule('get', 'apps', 'deployments/scale'),
      [],
    ],
    [
      'one verb more',
      [rule('get', 'core', 'pods')],
      rule('get delete', 'core', 'pods'),
      ['{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}'],
    ],
    [
      'every name, holding one',
      [rule('get', 'core', 'pods', 'a')],
      rule('get', 'core', 'pods'),
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    ['one name, holding all', [rule('get', 'core', 'pods')], rule('get', 'core', 'pods', 'a'), []],
    [
      'all verbs are more than each known one',
      [rule('get list', 'core', 'pods')],
      rule('*', 'core', 'pods'),
      ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}'],
    ],
    [
      'paths',
      [paths('get', '/x/*')],
      paths('get', '/x/a /y'),
      ['{NonResourceURLs:["/y"], Verbs:["get"]}'],
    ],
  ])('%s', (_, held, wanted, missing) => {
    const rules = { resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] }
    const text = escalationText(
      { name: 'jane', groups: ['devs', 'system:authenticated'] },
      { ...rules, resourceRules: held as never },
      [wanted],
    )
    const head =
      'user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:'
    expect(text).toBe(missing.length > 0 ? [head, ...missing].join('\n') : undefined)
  })

  const word = (words: string[]) => fc.uniqueArray(fc.constantFrom(...words), { minLength: 1 })
  const anyRule: fc.Arbitrary<Rule> = fc.record({
    verbs: word(['get', 'list', '*']),
    apiGroups: word(['', 'apps', '*']),
    resources: word(['pods', 'pods/log', '*/log', '*']),
    resourceNames: fc.oneof(fc.constant([]), word(['a', 'b'])),
  })
  const anyAccess = fc
    .record({
      verb: fc.constantFrom('get', 'list'),
      group: fc.constantFrom('', 'apps'),
      resource: fc.constantFrom('pods', 'secrets'),
      subresource: fc.constantFrom('', 'log'),
      name: fc.constantFrom('', 'a', 'b'),
    })
    .map((one) => ({ ...NOTHING, ...one }))

  it('whoever lacks nothing can do all that the rules allow', () => {
    const several = fc.array(anyRule, { maxLength: 3 })
    fc.assert(
      fc.property(several, several, anyAccess, (held, wanted, asked) => {
        fc.pre(missingRights(held, wanted).length === 0 && rulesAllow(wanted, asked))
        expect(rulesAllow(held, asked)).toBe(true)
      }),
    )
  })
})
