import { expect, it } from 'vitest'
import { defaultPullPolicy } from './image.js'

it.each([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['localhost:5000/a/b', 'Always'],
  ['REGISTRY/a', 'Always'],
  ['nginx:1.25', 'IfNotPresent'],
  ['localhost:5000/a/b:1', 'IfNotPresent'],
  [`nginx@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
  [`nginx:latest@sha256:${'0'.repeat(64)}`, 'Always'],
  ['Nginx', 'IfNotPresent'],
  ['a b', 'IfNotPresent'],
  ['', 'IfNotPresent'],
  ['a'.repeat(64), 'IfNotPresent'],
  ['z'.repeat(64), 'Always'],
  ['z'.repeat(238), 'IfNotPresent'],
])('the image %j is pulled %s', (image, policy) => {
  expect(defaultPullPolicy(image)).toBe(policy)
})
