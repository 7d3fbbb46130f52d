import { describe, expect, it } from 'vitest'
import { jsonText, kyamlText } from './object-text.js'

describe('objects as text', () => {
  it('sorts the keys of what came from the server', () => {
    expect(jsonText({ b: 1, a: { d: 1, c: '<' } })).toBe(
      '{\n    "a": {\n        "c": "\\u003c",\n        "d": 1\n    },\n    "b": 1\n}\n',
    )
  })

  it('quotes in KYAML every string and every key that YAML could take for something else', () => {
    const text = kyamlText({ metadata: { labels: { no: 'x', tier: 'y' }, finalizers: ['a'] } })
    expect(text).toBe(`---
{
  metadata: {
    finalizers: [
      "a",
    ],
    labels: {
      "no": "x",
      tier: "y",
    },
  },
}
`)
  })
})

it('kyaml folds a text of several lines, and quotes no key that needs none', () => {
  const text = kyamlText({ 'example.com/a': 'x\n  y', '1.5': 'z', on: '' })
  expect(text).toBe(
    '---\n{\n  "1.5": "z",\n  example.com/a: "\\\n     x\\n\\\n    \\  y\\\n    ",\n  "on": "",\n}\n',
  )
})
