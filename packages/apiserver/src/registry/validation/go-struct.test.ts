import { expect, it } from 'vitest'
import { type GoStruct, goForm, goMap, jsonNameOf, list, pointer } from './go-struct.js'

it.each([
  ['Name', 'name'],
  ['TTY', 'tty'],
  ['DNSPolicy', 'dnsPolicy'],
  ['HTTPGet', 'httpGet'],
  ['SELinuxOptions', 'seLinuxOptions'],
  ['HostPID', 'hostPID'],
  ['SetHostnameAsFQDN', 'setHostnameAsFQDN'],
  ['OS', 'os'],
])('the Go field %s is %s in JSON', (go, json) => {
  expect(jsonNameOf(go)).toBe(json)
})

it('fills in zero values in the order of the struct', () => {
  const struct: GoStruct = {
    Name: '',
    Count: 0,
    On: null,
    Part: pointer({ A: '' }),
    Items: list({ B: false }),
  }
  expect(JSON.stringify(goForm({ items: [{ b: true }], name: 'n' }, struct))).toBe(
    '{"Name":"n","Count":0,"On":null,"Part":null,"Items":[{"B":true}]}',
  )
})

it('prints maps by key', () => {
  expect(JSON.stringify(goMap({ b: 1, a: 2 }))).toBe('{"a":2,"b":1}')
  expect(goMap({})).toBeNull()
})
