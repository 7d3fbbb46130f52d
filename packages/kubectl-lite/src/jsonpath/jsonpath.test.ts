import { describe, expect, it } from 'vitest'
import { JsonPath } from './evaluate.js'

const list = {
  kind: 'List',
  items: [
    { name: 'blue', node: 'node-1', n: 2, ports: [{ port: 80 }, { port: 443 }] },
    { name: 'green', node: 'node-2', n: 1, labels: { 'example.com/tier': 'x' } },
    { name: 'red', node: 'node-1', n: 3, ready: true },
  ],
}

const print = (template: string) => new JsonPath(template, { allowMissingKeys: true }).print(list)

describe("kubectl's JSONPath", () => {
  it.each([
    ['{.kind}', 'List'],
    ['{.items[*].name}', 'blue green red'],
    ['{.items[0].name} {.items[-1:].name} {.items[0:2].name}', 'blue red blue green'],
    ['{.items[::2].name}', 'blue red'],
    [
      '{range .items[*]}{.name}{"\\t"}{.node}{"\\n"}{end}',
      'blue\tnode-1\ngreen\tnode-2\nred\tnode-1\n',
    ],
    ['{.items[?(@.node=="node-1")].name}', 'blue red'],
    ['{.items[?(@.n>1)].name}', 'blue red'],
    ['{.items[?(@.ready)].name}', 'red'],
    ['{.items[?(@.none=="x")].name}', ''],
    ['{..port}', '80 443'],
    ['{.items[1].labels.example\\.com/tier}', 'x'],
    ["{.items[1].labels['example\\.com/tier']}", 'x'],
    ["{.items[0]['name','node']}", 'blue node-1'],
    ['{.items[0].ports}', '[{"port":80},{"port":443}]'],
    ['{.items[0].ports[*]}', '{"port":80} {"port":443}'],
    ['{.none.deeper}|{.none}', '|'],
    ['{@.kind} {$.kind} plain {"quoted"}', 'List List plain quoted'],
    ['{range .items[0:1]}{range .ports[*]}{.port},{end};{end}', '80,443,;'],
    ['{.items[2].ready}', 'true'],
  ])('%s', (template, expected) => {
    expect(print(template)).toBe(expected)
  })

  it.each([
    ['{.kind', 'unclosed action'],
    ['{.items[a]}', 'invalid array index a'],
    ['{.items["name"]}', 'invalid array index "name"'],
    ['{.items[0}', 'unterminated array'],
    ['{"x}', 'unterminated quoted string'],
  ])('refuses %s', (template, message) => {
    expect(() => new JsonPath(template)).toThrow(message)
  })

  it.each([
    ['{.items[7].name}', 'array index out of bounds: index 7, length 3'],
    ['{.kind[0]}', 'List is not array or slice'],
  ])('fails on %s', (template, message) => {
    expect(() => print(template)).toThrow(message)
  })

  it('finds a missing key only when told to', () => {
    expect(() => new JsonPath('{.none}').print(list)).toThrow('none is not found')
  })
})
