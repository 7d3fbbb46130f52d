import type { KubeObject, Pod } from '@miniplane/api'
import type { Cache } from '@miniplane/client'
import { expect, it } from 'vitest'
import { Rivals } from './rivals.js'

const inDefault = (name: string, labels = {}): KubeObject => ({
  metadata: { name, namespace: 'default', labels },
})
const pods = [inDefault('web-1', { app: 'web', tier: 'front' }), inDefault('db-0', { app: 'db' })]
const cache = { list: () => pods } as unknown as Cache<Pod & KubeObject>

it('are those with a Pod in common, from the second on', () => {
  const rivals = new Rivals(cache)
  expect(rivals.of(inDefault('a'), 'app=web')).toEqual(['default/a'])
  expect(rivals.of(inDefault('b'), 'app=db')).toEqual(['default/b'])
  expect(rivals.of(inDefault('c'), 'tier=front')).toEqual(['default/a', 'default/c'])
  rivals.forget('default/a')
  expect(rivals.of(inDefault('c'), 'tier=front')).toEqual(['default/c'])
  expect(rivals.of(inDefault('d'), 'app=nobody')).toEqual([])
})
