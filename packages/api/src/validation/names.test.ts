import { describe, expect, it, test } from 'vitest'
import { isValidCidr, isValidIP } from './addresses.js'
import * as rules from './names.js'

const names: Readonly<Record<string, unknown>> = rules

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

describe('messages as a real server words them', () => {
  test.each<[string, string, string[]]>([
    ['isDns1123Label', 'a-1', []],
    ['isDns1123Label', 'B_', [LABEL]],
    ['isDns1123Label', 'x'.repeat(64), ['must be no more than 63 characters']],
    [
      'isDns1123Label',
      `${'x'.repeat(64)}.y`,
      ['must be no more than 63 characters', 'must not contain dots'],
    ],
    ['isDns1123Subdomain', 'a.b-c.1', []],
    ['isDns1123Subdomain', 'a..b', [SUBDOMAIN]],
    ['isDns1123Subdomain', '', [SUBDOMAIN]],
    ['isDns1035Label', 'a1', []],
    [
      'isDns1035Label',
      '1x',
      [
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
      ],
    ],
    ['isQualifiedName', 'example.com/My_name', []],
    ['isQualifiedName', 'a b', [NAME_PART]],
    ['isQualifiedName', '', ['name part must be non-empty', NAME_PART]],
    ['isQualifiedName', '/a', ['prefix part must be non-empty']],
    ['isValidLabelValue', '', []],
    ['isValidLabelValue', 'x'.repeat(64), ['must be no more than 63 bytes']],
    [
      'isValidLabelValue',
      'bad value!',
      [
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
      ],
    ],
    ['isConfigMapKey', '.dockerconfigjson', []],
    ['isConfigMapKey', '..x', ["must not start with '..'"]],
    [
      'isConfigMapKey',
      'bad key',
      [
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ],
    ],
    ['isEnvVarName', 'A B.c-1', []],
    [
      'isEnvVarName',
      'a=b',
      [
        "a valid environment variable name must consist only of printable ASCII characters other than '='",
      ],
    ],
    ['isValidPortName', 'http-2', []],
    [
      'isValidPortName',
      'Bad_Port',
      ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'],
    ],
    ['isValidPortName', '123', ['must contain at least one letter (a-z)']],
    [
      'isFullyQualifiedName',
      'short',
      ['should be a domain with at least three segments separated by dots'],
    ],
    [
      'isValidPercent',
      'x',
      [
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ],
    ],
  ])('%s(%j)', (rule, value, messages) => {
    expect((names[rule] as (value: string) => string[])(value)).toEqual(messages)
  })
})

it('ports are 1 to 65535', () => {
  expect(rules.isValidPortNum(65535)).toEqual([])
  expect(rules.isValidPortNum(0)).toEqual(['must be between 1 and 65535, inclusive'])
})

it('addresses and CIDRs', () => {
  expect(isValidIP('10.0.0.1')).toEqual([])
  expect(isValidIP('2001:db8::1')).toEqual([])
  expect(isValidIP('fe80::1%eth0')).toHaveLength(1)
  expect(isValidIP('010.0.0.1')).toEqual([
    'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ])
  expect(isValidCidr('10.0.0.0/24')).toEqual([])
  expect(isValidCidr('10.0.0.0/33')).toHaveLength(1)
  expect(isValidCidr('10.0.0.0')).toHaveLength(1)
})

it('masks the hyphen at the end of a generateName', () => {
  expect(rules.maskTrailingDash('web-')).toBe('wea')
})
