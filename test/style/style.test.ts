import { describe, expect, it } from 'vitest'
import { rules } from './rules/index.js'
import { format, projectFiles } from './source.js'

// What a tool can check about how the code reads; rules.test.ts shows that each check can fail.
describe('style', () => {
  const files = projectFiles()

  it.each(rules)('$name', (rule) => {
    expect(rule.check(files).map(format)).toEqual([])
  })
})
