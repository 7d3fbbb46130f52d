import type { SigningRequest } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import { SIGNERS } from './signers.js'

const NOBODY: SigningRequest = {
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  emailAddresses: [],
  uris: [],
  subject: new Uint8Array(),
  publicKey: new Uint8Array(),
  subjectAltName: undefined,
  proof: { signed: new Uint8Array(), algorithm: '', signature: new Uint8Array() },
}
const CLIENT = ['client auth', 'digital signature']
const SERVER = ['server auth', 'digital signature', 'key encipherment']

const refusal = (signer: string, asked: Partial<SigningRequest>, usages: readonly string[]) =>
  SIGNERS[`kubernetes.io/${signer}`]?.refuses({ ...NOBODY, ...asked }, usages)

describe('kube-apiserver-client certifies any user, as a client alone', () => {
  test.each([
    ['a client', ['client auth'], undefined],
    ['a client that encrypts and signs', [...CLIENT, 'key encipherment'], undefined],
    ['a server', ['server auth'], 'invalid usage for client certificate: server auth'],
    ['both', ['server auth', 'client auth'], 'invalid usage for client certificate: server auth'],
    [
      'nothing',
      ['digital signature'],
      'missing required usage for client certificate: client auth',
    ],
  ])('%s', (_, usages, problem) => {
    const jane = { commonName: 'jane', organizations: ['devs'] }
    expect(refusal('kube-apiserver-client', jane, usages)).toBe(problem)
  })
})

describe('kube-apiserver-client-kubelet certifies nodes as clients', () => {
  test.each<[string, Partial<SigningRequest>, readonly string[], string | undefined]>([
    ['a node', {}, CLIENT, undefined],
    [
      'somebody else',
      { commonName: 'jane' },
      CLIENT,
      'subject common name does not begin with system:node:',
    ],
    [
      'a node that is more',
      { organizations: ['system:nodes', 'system:masters'] },
      CLIENT,
      'subject organization is not system:nodes',
    ],
    [
      'a node with an address',
      { ipAddresses: ['10.0.0.1'] },
      CLIENT,
      'IP subjectAltNames are not allowed',
    ],
    [
      'a node as a server',
      {},
      SERVER,
      'usages did not match [digital signature, client auth] or [key encipherment, digital signature, client auth]',
    ],
  ])('%s', (_, asked, usages, problem) => {
    expect(refusal('kube-apiserver-client-kubelet', asked, usages)).toBe(problem)
  })
})

describe('kubelet-serving certifies nodes as servers, by name or address', () => {
  test.each<[string, Partial<SigningRequest>, readonly string[], string | undefined]>([
    ['a node with a name', { dnsNames: ['n1'] }, SERVER, undefined],
    ['a node with an address', { ipAddresses: ['10.0.0.1'] }, SERVER, undefined],
    ['a node without either', {}, SERVER, 'at least one DNS or IP subjectAltName is required'],
    [
      'a URI beside',
      { dnsNames: ['n1'], uris: ['spiffe://x'] },
      SERVER,
      'URI subjectAltNames are not allowed',
    ],
    [
      'as a client',
      { dnsNames: ['n1'] },
      CLIENT,
      'usages did not match [digital signature, server auth] or [key encipherment, digital signature, server auth]',
    ],
  ])('%s', (_, asked, usages, problem) => {
    expect(refusal('kubelet-serving', asked, usages)).toBe(problem)
  })
})

test('other signers are somebody else', () => {
  expect(Object.keys(SIGNERS)).toEqual([
    'kubernetes.io/kube-apiserver-client',
    'kubernetes.io/kube-apiserver-client-kubelet',
    'kubernetes.io/kubelet-serving',
  ])
})
