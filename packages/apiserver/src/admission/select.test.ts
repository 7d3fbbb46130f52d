import { describe, expect, it } from 'vitest'
import { defaultAdmissionPlugins } from './all.js'
import { selectionFaults } from './select.js'

describe('which plugins a server runs', () => {
  it('is told in the order of the real server, whatever the order of the flags', () => {
    const names = defaultAdmissionPlugins({
      enabled: ['NodeRestriction', 'AlwaysPullImages', 'NamespaceExists'],
      disabled: ['PodSecurity', 'ServiceAccount'],
    }).map(({ name }) => name)
    expect(names.slice(0, 6)).toEqual([
      'NamespaceLifecycle',
      'NamespaceExists',
      'LimitRanger',
      'NodeRestriction',
      'TaintNodesByCondition',
      'AlwaysPullImages',
    ])
    expect(names.at(-1)).toBe('ResourceQuota')
  })

  it.each<[string[], string[], string[]]>([
    [['NodeRestriction'], ['MutatingAdmissionPolicy'], []],
    [['Nonsense'], [], ['enable-admission-plugins plugin "Nonsense" is unknown']],
    [[], ['Nonsense'], ['disable-admission-plugins plugin "Nonsense" is unknown']],
    [
      ['PodSecurity', 'LimitRanger'],
      ['LimitRanger', 'PodSecurity'],
      [
        '[LimitRanger PodSecurity] in enable-admission-plugins and disable-admission-plugins overlapped',
      ],
    ],
    [
      ['EventRateLimit'],
      [],
      [
        'enable-admission-plugins plugin EventRateLimit is not supported: it needs a configuration file, which is not read yet',
      ],
    ],
  ])('enable %j, disable %j: %j', (enabled, disabled, faults) => {
    expect(selectionFaults(enabled, disabled)).toEqual(faults)
  })
})
