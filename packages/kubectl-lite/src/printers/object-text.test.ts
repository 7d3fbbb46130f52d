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
