import type { PolicyRule } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { uncovered } from './rules.js'

const rule = (verbs: string, groups: string, resources: string, names = ''): PolicyRule => ({
  verbs: verbs.split(' '),
  apiGroups: groups.split(' ').map((group) => (group === 'core' ? '' : group)),
  resources: resources.split(' '),
  ...(names === '' ? {} : { resourceNames: names.split(' ') }),
})

describe('uncovered', () => {
  it.each<[string, PolicyRule[], PolicyRule[], PolicyRule[]]>([
    ['nothing of the same', [rule('get', 'core', 'pods')], [rule('get', 'core', 'pods')], []],
    [
      'a verb that is new',
      [rule('get', 'core', 'pods')],
      [rule('get watch', 'core', 'pods')],
      [rule('watch', 'core', 'pods')],
    ],
    [
      'each combination by itself',
      [rule('get', 'core', 'pods')],
      [rule('get watch', 'core apps', 'pods')],
      [rule('watch', 'core', 'pods'), rule('get', 'apps', 'pods'), rule('watch', 'apps', 'pods')],
    ],
    ['nothing beside a star', [rule('*', '*', '*')], [rule('get', 'apps', 'x', 'a')], []],
    [
      'nothing of a subresource',
      [rule('get', 'apps', '*/scale')],
      [rule('get', 'apps', 'x/scale')],
      [],
    ],
    [
      'all names when only some may be touched',
      [rule('get', 'core', 'pods', 'a')],
      [rule('get', 'core', 'pods')],
      [rule('get', 'core', 'pods')],
    ],
    [
      'paths that no pattern has',
      [{ verbs: ['get'], nonResourceURLs: ['/api/*'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/api/v1', '/healthz'] }],
      [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
    ],
  ])('is %s', (_, rules, wanted, missing) => {
    expect(uncovered(rules, wanted)).toEqual(missing)
  })
})
