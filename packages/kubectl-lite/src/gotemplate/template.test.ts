import { describe, expect, it } from 'vitest'
import { GoTemplate } from './template.js'

const value = {
  metadata: { name: 'web', labels: { tier: 'front', app: 'web' } },
  items: [{ n: 1 }, { n: 2 }],
  data: { a: 'QQ==' },
  none: [],
}

describe("Go's templates", () => {
  it.each([
    ['{{.metadata.name}}: {{.missing.deeper}}', 'web: <no value>'],
    ['{{range .items}}<{{.n}}>{{end}}', '<1><2>'],
    ['{{range $k, $v := .metadata.labels}}{{$k}}={{$v}} {{end}}', 'app=web tier=front '],
    ['{{range $i, $x := .items}}{{$i}}{{end}}', '01'],
    ['{{range .none}}x{{else}}empty{{end}}', 'empty'],
    ['{{if eq .metadata.name "web"}}yes{{else}}no{{end}}', 'yes'],
    ['{{if not .none}}a{{end}}{{if and .items .data}}b{{end}}', 'ab'],
    ['{{with .metadata}}{{.name}} {{$.data.a}}{{end}}', 'web QQ=='],
    ['{{.metadata.name | printf "%-5s|"}}', 'web  |'],
    ['{{len .items}} {{index .items 1}}', '2 map[n:2]'],
    ['{{(index .items 0).n}}', '1'],
    ['{{.data.a | base64decode}}', 'A'],
    ['{{$x := .metadata.name}}{{$x}}', 'web'],
    ['a {{- "b" -}} c', 'abc'],
    ['{{/* said to nobody */}}x{{"\\n"}}', 'x\n'],
    ['{{if false}}a{{else if .items}}b{{end}}', 'b'],
  ])('%s', (template, expected) => {
    expect(new GoTemplate(template).execute(value)).toBe(expected)
  })

  it.each([
    ['{{.data', 'template: output:1: unclosed action'],
    ['{{if .x}}', 'unexpected EOF'],
    ['{{end}}', 'unexpected {{end}}'],
  ])('refuses %s', (template, message) => {
    expect(() => new GoTemplate(template)).toThrow(message)
  })

  it('fails on a field of a string', () => {
    expect(() => new GoTemplate('{{.metadata.name.x}}').execute(value)).toThrow(
      `template: output:1:11: executing "output" at <.metadata.name.x>: can't evaluate field x in type interface {}`,
    )
  })
})
