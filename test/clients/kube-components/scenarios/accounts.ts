import type { Scenario } from './stage.js'

/** What alice's `openssl req -new -subj /CN=alice/O=devs` once printed. */
const REQUEST = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIYU1JR0JBZ0VBTUI4eERqQU1CZ05WQkFN',
  'TUJXRnNhV05sTVEwd0N3WURWUVFLREFSa1pYWnpNRmt3RXdZSApLb1pJemowQ0FRWUlLb1pJemowREFRY0RR',
  'Z0FFSUlPa0Q0cGozdGhFMEt6dFZXSDNwVWI2SWxBTXJHRXZYQ3VHClhiUU5tQU5XMGl5cE5INXFpZHR5bWE0',
  'QjhvQzUySlF1aG1FcG9XOUZHd3R6L2svTlphQUFNQW9HQ0NxR1NNNDkKQkFNQ0EwZ0FNRVVDSVFDeGFqcFZp',
  'S3JjMzdMSlAxeVhsdWwwWHRqNThKYlhnYUJXWXBjZ0dXMUxIZ0lnTFNndApOWUVsUkZ3ZnBHZFByV3hmM1Ba',
  'ckhiMWdMdGZYaWZRNzZ3a2J5ZUk9Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=',
].join('')

const signingRequest = (name: string, signerName: string, usages: readonly string[]) => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { request: REQUEST, signerName, usages },
})

const approval = (type: string) => ({
  status: { conditions: [{ type, status: 'True', reason: 'ByScript', message: 'a test' }] },
})

/** Service accounts, their tokens, and certificates. */
export const accounts: Readonly<Record<string, Scenario>> = {
  async accounts({ cluster, shot }) {
    const initial = [
      ['ServiceAccount', 'default'],
      ['ConfigMap', 'kube-root-ca.crt'],
    ] as const
    await cluster.settle()
    await shot('a new namespace', initial)
    await cluster.delete('ServiceAccount', 'default')
    await cluster.patch('ConfigMap', 'kube-root-ca.crt', { data: { 'ca.crt': 'other' } })
    await cluster.settle()
    await shot('made again', initial)
  },

  async 'secret-tokens'({ cluster, shot }) {
    const robot = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } }
    const secret = (account: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: `of-${account}`,
        annotations: { 'kubernetes.io/service-account.name': account },
      },
      type: 'kubernetes.io/service-account-token',
    })
    await cluster.create(robot)
    await cluster.create(secret('robot'))
    await cluster.create(secret('nobody'))
    await cluster.settle()
    await shot('a token')
    await cluster.delete('ServiceAccount', 'robot')
    await cluster.settle()
    await shot('gone with its account')
  },

  async certificates({ cluster, shot }) {
    const client = 'kubernetes.io/kube-apiserver-client'
    const named = ['approved', 'denied', 'waiting', 'mistaken'].map(
      (name) => ['CertificateSigningRequest', name] as const,
    )
    await cluster.create(signingRequest('approved', client, ['client auth']))
    await cluster.create(signingRequest('denied', client, ['client auth']))
    await cluster.create(signingRequest('waiting', client, ['client auth']))
    await cluster.create(signingRequest('mistaken', client, ['server auth']))
    const decide = (name: string, type: string) =>
      cluster.patch('CertificateSigningRequest', name, approval(type), { sub: 'approval' })
    await decide('approved', 'Approved')
    await decide('denied', 'Denied')
    await decide('mistaken', 'Approved')
    await cluster.settle()
    await shot('decided', named)
  },
}
