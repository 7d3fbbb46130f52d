import { describe, expect, it } from 'vitest'
import { faultsOf } from '../strategy.suite.js'
import { mutatingWebhookConfigurations } from './webhook-configurations.js'

const RULE = {
  apiGroups: ['g'],
  apiVersions: ['v1'],
  resources: ['things'],
  operations: ['CREATE'],
}
const WEBHOOK = {
  name: 'a.example.com',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { service: { name: 's', namespace: 'n' } },
  rules: [RULE],
}
const faults = (...webhooks: object[]) =>
  faultsOf(mutatingWebhookConfigurations, {
    metadata: { name: 'w' },
    webhooks: webhooks.map((one) => ({ ...WEBHOOK, ...one })),
  })

describe('a webhook configuration', () => {
  it.each<[string, object, string[]]>([
    ['is fine', {}, []],
    [
      'has a short name',
      { name: 'a.b' },
      [
        'name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
      ],
    ],
    [
      'speaks no version of ours',
      { admissionReviewVersions: ['v9'] },
      ['admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1'],
    ],
    [
      'says nothing of side effects',
      { sideEffects: undefined },
      ['sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    ],
    [
      'is invoked again sometimes',
      { reinvocationPolicy: 'X' },
      ['reinvocationPolicy: Unsupported value: "X": supported values: "IfNeeded", "Never"'],
    ],
    [
      'is at a URL and a Service',
      { clientConfig: { ...WEBHOOK.clientConfig, url: 'https://x' } },
      ['clientConfig: Required value: exactly one of url or service is required'],
    ],
    [
      'is at a URL with a broken escape',
      { clientConfig: { url: 'https://a/%z' } },
      [
        'clientConfig.url: Required value: url must be a valid URL: parse "https://a/%z": invalid URL escape "%z"; desired format: https://host[/path]',
      ],
    ],
    [
      'is at a broken URL',
      { clientConfig: { url: 'https://me@/p#f' } },
      [
        'clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path]',
        'clientConfig.url: Invalid value: "me": user information is not permitted in the URL',
        'clientConfig.url: Invalid value: "f": fragments are not permitted in the URL',
      ],
    ],
    [
      'is at a broken path',
      { clientConfig: { service: { name: 's', namespace: 'n', path: '/a//b', port: 0 } } },
      [
        'clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
        'clientConfig.service.path: Invalid value: "/a//b": segment[1] may not be empty',
      ],
    ],
    [
      'names resources twice',
      { rules: [{ ...RULE, resources: ['pods/*', 'pods/status', '*/scale', 'a/scale'] }] },
      [
        'rules[0].resources[1]: Invalid value: "pods/status": if \'pods/*\' is present, must not specify pods/status',
        'rules[0].resources[3]: Invalid value: "a/scale": if \'*/scale\' is present, must not specify a/scale',
      ],
    ],
  ])('that %s', (_, webhook, expected) => {
    expect(faults(webhook)).toEqual(expected.map((fault) => `webhooks[0].${fault}`))
  })

  it('with two webhooks of one name', () => {
    expect(faults({}, {})).toEqual(['webhooks[1].name: Duplicate value: "a.example.com"'])
  })
})
