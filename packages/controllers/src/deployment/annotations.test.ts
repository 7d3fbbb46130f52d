import { describe, expect, it } from 'vitest'
import { annotations, annotationsOfNew, maxRevision } from './annotations.js'
import { expiredSets } from './history.js'
import { limits } from './limits.js'
import { isSameTemplate, replicaSetName } from './revisions.js'
import { deployment, replicaSet } from './shapes.fixture.js'

const { revision, revisionHistory, desiredReplicas } = annotations

describe('annotationsOfNew', () => {
  it('copies what is the user’s and numbers the revision', () => {
    const web = deployment({ replicas: 1 })
    web.metadata.annotations = {
      'kubernetes.io/change-cause': 'first',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      [revision]: '7',
      [desiredReplicas]: '9',
    }
    expect(annotationsOfNew(web, {}, 1n)).toEqual({
      'kubernetes.io/change-cause': 'first',
      [revision]: '1',
    })
  })

  it('remembers the numbers it had before a rollback', () => {
    const web = deployment({ replicas: 1 })
    const second = annotationsOfNew(web, { [revision]: '1' }, 3n)
    expect(second).toEqual({ [revision]: '3', [revisionHistory]: '1' })
    expect(annotationsOfNew(web, second, 5n)).toEqual({ [revision]: '5', [revisionHistory]: '1,3' })
  })

  it('changes nothing when the number is up to date, or is none', () => {
    const web = deployment({ replicas: 1 })
    expect(annotationsOfNew(web, { [revision]: '4' }, 4n)).toEqual({ [revision]: '4' })
    expect(annotationsOfNew(web, { [revision]: 'x' }, 4n)).toEqual({ [revision]: 'x' })
  })

  it('lets the oldest numbers fall out of a long history', () => {
    const history = Array.from({ length: 500 }, (_, i) => String(1000 + i)).join(',')
    const web = deployment({ replicas: 1 })
    const updated = annotationsOfNew(web, { [revision]: '1500', [revisionHistory]: history }, 1501n)
    const text = updated[revisionHistory] ?? ''
    expect(text.length).toBeLessThanOrEqual(limits.revisionHistoryLengthMax)
    expect(text.endsWith('1499,1500')).toBe(true)
  })
})

describe('a revision', () => {
  const highest = (...texts: string[]) =>
    maxRevision(texts.map((text) => replicaSet('a', 1, 1, 0, { [revision]: text })))

  it.each([
    [['2', '10', '9'], 10n],
    [['x', ''], 0n],
    // A double would lose its last digits.
    [['3546343826724305832'], 3_546_343_826_724_305_832n],
    [['9223372036854775808', '1'], 1n],
  ])('of %s: the highest is %s', (texts, expected) => {
    expect(highest(...texts)).toBe(expected)
  })
})

describe('expiredSets', () => {
  const web = { ...deployment({ replicas: 1 }) }
  const numbered = (name: string, number: number, size = 0) =>
    replicaSet(name, size, size, 0, { [revision]: String(number) })

  it('names the oldest unused ones beyond the limit', () => {
    const old = [numbered('c', 3), numbered('a', 1), numbered('b', 2, 1), numbered('d', 4)]
    web.spec.revisionHistoryLimit = 1
    expect(expiredSets(web, old).map(({ metadata }) => metadata.name)).toEqual(['a', 'c'])
    web.spec.revisionHistoryLimit = 10
    expect(expiredSets(web, old)).toEqual([])
  })
})

describe('templates', () => {
  it('are the same whatever their hash label says', () => {
    const { template } = deployment({ replicas: 1 }).spec
    const labels = { ...template.metadata?.labels, 'pod-template-hash': 'abc' }
    expect(isSameTemplate(template, { ...template, metadata: { labels } })).toBe(true)
    expect(
      isSameTemplate(template, deployment({ replicas: 1, image: 'nginx:2' }).spec.template),
    ).toBe(false)
  })

  it('give ReplicaSets names that fit', () => {
    expect(replicaSetName('web', '5bb4c446b6')).toBe('web-5bb4c446b6')
    expect(replicaSetName('w'.repeat(253), '5bb4c446b6')).toHaveLength(253)
  })
})
