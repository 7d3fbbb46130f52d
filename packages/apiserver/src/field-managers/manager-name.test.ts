import { describe, expect, it } from 'vitest'
import { managerName } from './manager-name.js'

describe('the name of a manager', () => {
  it.each([
    { fieldManager: 'mine', userAgent: 'kubectl/v1.36', name: 'mine' },
    {
      fieldManager: '',
      userAgent: 'kubectl/v1.36.3 (linux/amd64) kubernetes/abc',
      name: 'kubectl',
    },
    { fieldManager: '', userAgent: 'my client 1.0', name: 'my client 1.0' },
    { fieldManager: '', userAgent: '/1.0', name: '' },
    { fieldManager: '', userAgent: undefined, name: '' },
    { fieldManager: '', userAgent: 'a\tb\u200bc/1', name: 'abc' },
    { fieldManager: '', userAgent: 'x'.repeat(200), name: 'x'.repeat(128) },
    // A letter of two bytes does not fit into the one that is left.
    { fieldManager: '', userAgent: `${'x'.repeat(127)}éa/1`, name: 'x'.repeat(127) },
  ])('is $name for $userAgent', ({ fieldManager, userAgent, name }) => {
    expect(managerName(fieldManager, userAgent)).toBe(name)
  })
})
