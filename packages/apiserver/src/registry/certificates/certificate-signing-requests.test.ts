import { type CertificateSigningRequest, isDns1123Label, isDns1123Subdomain } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { requestFor, WAYS } from '../../edge/x509/request.fixture.js'
import { contextWith, faultsOf } from '../strategy.suite.js'
import { certificateSigningRequests } from './certificate-signing-requests.js'

const pem = (type: string) =>
  Buffer.from(`-----BEGIN ${type}-----\neA==\n-----END ${type}-----\n`).toString('base64')
const base64 = (text: string) => Buffer.from(text).toString('base64')
const request = (
  spec: object = {},
  status: CertificateSigningRequest['status'] = {},
): CertificateSigningRequest => ({
  metadata: { name: 'r' },
  spec: {
    request: base64(requestFor(WAYS['P-256'])),
    signerName: 'example.com/x',
    usages: ['client auth'],
    ...spec,
  },
  status,
})
const condition = (type: string, status = 'True') => ({ type, status })

const [LABEL] = isDns1123Label('_')
const [SUBDOMAIN] = isDns1123Subdomain('_')

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
      'is no sequence',
      {
        request: base64(
          '-----BEGIN CERTIFICATE REQUEST-----\neA==\n-----END CERTIFICATE REQUEST-----',
        ),
      },
      [
        `request: Invalid value: "${base64('-----BEGIN CERTIFICATE REQUEST-----\neA==\n-----END CERTIFICATE REQUEST-----')}": asn1: syntax error: truncated tag or length`,
      ],
    ],
    [
      'is for nobody',
      { signerName: 'a/b/c' },
      [
        'signerName: Invalid value: "a/b/c": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      ],
    ],
    [
      'is for a signer of no domain',
      { signerName: 'A/b_' },
      [
        `signerName: Invalid value: "A": validating label "A": ${LABEL}`,
        'signerName: Invalid value: "A": should be a domain with at least two segments separated by dots',
        `signerName: Invalid value: "b_": validating label "b_": ${SUBDOMAIN}`,
      ],
    ],
    [
      'is for a signer of a long name',
      { signerName: `a.b/${'x'.repeat(568)}` },
      [
        `signerName: Invalid value: "${'x'.repeat(568)}": validating label "${'x'.repeat(568)}": must be no more than 253 characters`,
        'signerName: Too long: may not be more than 571 bytes',
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

  it('that is approved stays approved in the same words, whatever is said with its status', () => {
    const approved = { ...condition('Approved'), message: 'by me' }
    const stored = request({}, { conditions: [approved] })
    const draft = request({}, { conditions: [condition('Failed'), condition('Approved')] })
    certificateSigningRequests.subresources?.status?.prepareForUpdate?.(
      draft,
      stored,
      contextWith(),
    )
    expect(draft.status.conditions?.[1]).toMatchObject(approved)
  })

  it('that is approved and denied at once has a fault as a whole', () => {
    const both = request({}, { conditions: [condition('Approved'), condition('Denied')] })
    expect(faultsOf(certificateSigningRequests, both)).toEqual([
      'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ])
  })
})
