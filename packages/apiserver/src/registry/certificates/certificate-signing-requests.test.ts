import type { CertificateSigningRequest } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith, faultsOf } from '../strategy.suite.js'
import { certificateSigningRequests } from './certificate-signing-requests.js'

const pem = (type: string) =>
  Buffer.from(`-----BEGIN ${type}-----\neA==\n-----END ${type}-----\n`).toString('base64')
const request = (
  spec: object = {},
  status: CertificateSigningRequest['status'] = {},
): CertificateSigningRequest => ({
  metadata: { name: 'r' },
  spec: {
    request: pem('CERTIFICATE REQUEST'),
    signerName: 'example.com/x',
    usages: ['client auth'],
    ...spec,
  },
  status,
})
const condition = (type: string, status = 'True') => ({ type, status })

describe('a CertificateSigningRequest', () => {
  it('says who made it, whatever its maker says', () => {
    const draft = request({ username: 'root', groups: ['system:masters'] })
    const user = { name: 'alice', uid: '7', groups: ['devs'] }
    certificateSigningRequests.prepareForCreate?.(draft, { ...contextWith(), user })
    expect(draft.spec).toMatchObject({ username: 'alice', uid: '7', groups: ['devs'] })
  })

  it.each<[string, object, string[]]>([
    ['is fine', {}, []],
    [
      'is none',
      { request: pem('CERTIFICATE') },
      [
        `request: Invalid value: "${pem('CERTIFICATE')}": PEM block type must be CERTIFICATE REQUEST`,
      ],
    ],
    [
      'is for nobody',
      { signerName: 'a/b/c' },
      [
        'signerName: Invalid value: "a/b/c": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      ],
    ],
    ['wants one use twice', { usages: ['any', 'any'] }, ['usages[1]: Duplicate value: "any"']],
    [
      'is short-lived',
      { expirationSeconds: 5 },
      [
        'expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)',
      ],
    ],
  ])('that %s', (_, spec, expected) => {
    expect(faultsOf(certificateSigningRequests, request(spec))).toEqual(
      expected.map((fault) => `spec.${fault}`),
    )
  })

  it.each<[string, 'approval' | 'status', string[], string[], string[]]>([
    ['is approved by approval', 'approval', [], ['Approved'], []],
    [
      'is not approved with its status',
      'status',
      [],
      ['Approved'],
      ['updates may not add a condition of type "Approved"'],
    ],
    ['fails in its status', 'status', ['Approved'], ['Approved', 'Failed'], []],
    [
      'stays denied',
      'approval',
      ['Denied'],
      [],
      ['updates may not remove a condition of type "Denied"'],
    ],
  ])('that %s', (_, through, before, after, expected) => {
    const stored = request({}, { conditions: before.map((type) => condition(type)) })
    const draft = request({ usages: ['any'] }, { conditions: after.map((type) => condition(type)) })
    const { prepareForUpdate, validateUpdate } =
      certificateSigningRequests.subresources?.[through] ?? {}
    prepareForUpdate?.(draft, stored, contextWith())
    expect(draft.spec.usages).toEqual(['client auth'])
    for (const each of draft.status.conditions ?? []) expect(each.lastUpdateTime).toBeDefined()
    const faults = validateUpdate?.(draft, stored, contextWith()) ?? []
    expect(faults.map(({ message }) => message)).toEqual(expected.map((one) => `Forbidden: ${one}`))
  })
})
