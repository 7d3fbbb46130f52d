import { builtinResources, type KubeObject } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import { ABSTAIN, ALLOW, NO_RULES } from '../../authz/authorizer.js'
import { contextWith } from '../../registry/strategy.suite.js'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { certificateApproval, certificateSigning } from './certificate-signers.js'
import { certificateSubjectRestriction } from './certificate-subject-restriction.js'

const definition = builtinResources().find(
  ({ resource }) => resource === 'certificatesigningrequests',
)

/** The refusal, or undefined. */
async function ask(plugin: AdmissionPlugin, asked: Partial<AdmissionRequest>) {
  if (!definition) throw new Error('there are no certificatesigningrequests')
  const { operation = 'UPDATE', subresource = '' } = asked
  if (!plugin.handles(operation, definition, subresource)) return 'does not handle that'
  const request = {
    ...{ operation, definition, subresource, namespace: undefined, name: 'r' },
    ...{ object: undefined, oldObject: undefined, options: {}, context: contextWith(), warn() {} },
    ...asked,
  } as AdmissionRequest
  try {
    await plugin.validate?.(request)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const request = (signerName: string, status: object = {}, spec: object = {}) =>
  ({ metadata: { name: 'r' }, spec: { signerName, ...spec }, status }) as unknown as KubeObject

/** Rights as `approve example.com/x`. */
const having = (...rights: string[]) => ({
  authorizer: {
    authorize: (
      _: unknown,
      { verb, resource, name }: { verb: string; resource: string; name: string },
    ) => (resource === 'signers' && rights.includes(`${verb} ${name}`) ? ALLOW : ABSTAIN),
    rulesFor: () => NO_RULES,
  },
})
const HEAD = 'certificatesigningrequests.certificates.k8s.io "r" is forbidden: '

describe('who decides about certificates', () => {
  const stored = request('example.com/x')
  const issued = request('example.com/x', { certificate: 'eA==' })
  const approve = { subresource: 'approval', object: stored, oldObject: stored }
  const sign = { subresource: 'status', object: issued, oldObject: stored }
  const mayNot = (verb: string) =>
    `${HEAD}user not permitted to ${verb} requests with signerName "example.com/x"`
  test.each<[string, string[], Partial<AdmissionRequest>, string | undefined]>([
    ['approves for the signer', ['approve example.com/x'], approve, undefined],
    ['approves for all of a domain', ['approve example.com/*'], approve, undefined],
    ['approves for another signer', ['approve example.com/y'], approve, mayNot('approve')],
    ['signs, who may only approve', ['approve example.com/x'], sign, mayNot('sign')],
    ['signs', ['sign example.com/x'], sign, undefined],
    ['writes a status that decides nothing', [], { ...sign, object: stored }, undefined],
    [
      'changes the signer on the way',
      ['approve example.com/y'],
      { ...approve, object: request('example.com/y') },
      mayNot('approve'),
    ],
  ])('%s', async (_, rights, asked, refusal) => {
    const make = asked.subresource === 'approval' ? certificateApproval : certificateSigning
    expect(await ask(make(having(...rights)), asked)).toBe(refusal)
  })
})

describe('who asks to be an admin', () => {
  // openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj '/O=system:masters/CN=boss'
  const BOSS = `-----BEGIN CERTIFICATE REQUEST-----
MIHkMIGKAgEAMCgxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQ0wCwYDVQQDDARi
b3NzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEHELEJBwHCRiVqRQD8HbWUp82
aIqEzN7IZpWjzVn3IgD73vkWti8ApIwOKn5kMneT+R0XLrnK2v2RQXTsx7fB2KAA
MAoGCCqGSM49BAMCA0kAMEYCIQDH/GPiV5Oqmg6SS18r3NAfwpb5I8If0wCWnj5v
jlrCEQIhAItyCZtOc+Asosx7jEKuB2mlVuUafvtWDDeDKzeWbtvc
-----END CERTIFICATE REQUEST-----`
  const asks = (signer: string, pem: string) =>
    ask(certificateSubjectRestriction, {
      operation: 'CREATE',
      object: request(signer, {}, { request: Buffer.from(pem).toString('base64') }),
    })

  test('is refused by the signer of clients', async () => {
    expect(await asks('kubernetes.io/kube-apiserver-client', BOSS)).toBe(
      `${HEAD}use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed`,
    )
    expect(await asks('kubernetes.io/kube-apiserver-client', 'nonsense')).toBe(
      `${HEAD}failed to parse CSR: PEM block type must be CERTIFICATE REQUEST`,
    )
  })

  test('may ask others, whom the API server does not trust', async () => {
    expect(await asks('example.com/x', BOSS)).toBeUndefined()
  })
})
