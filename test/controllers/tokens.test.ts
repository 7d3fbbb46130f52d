import { type KubeObject, ManualClock, type Secret, seededRandom } from '@miniplane/api'
import { Client, inProcessTransport, resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'

const inDefault = { namespace: 'default' }
const TYPE = 'kubernetes.io/service-account-token'

/** A plane with an account `robot` and a Secret `robot-token` that asks for its token. */
async function planeWithToken() {
  const clock = new ManualClock()
  const plane = await startControlPlane({ clock, random: seededRandom(1), nodes: 0 })
  const { client } = plane
  const accounts = client.of(resources.serviceAccounts)
  const secrets = client.of(resources.secrets)
  await plane.settle()
  const account = await accounts.create({ metadata: { name: 'robot', ...inDefault } })
  const annotations = { 'kubernetes.io/service-account.name': 'robot' }
  const asked = { metadata: { name: 'robot-token', ...inDefault, annotations }, type: TYPE }
  await secrets.create(asked)
  await plane.settle()
  const secret = await secrets.get('robot-token', inDefault)
  const as = (token: string) =>
    new Client(inProcessTransport(plane.apiServer.handle, { token, userAgent: 'test' }))
  const whoami = async (token: string) => {
    const ref = {
      group: 'authentication.k8s.io',
      version: 'v1',
      resource: 'selfsubjectreviews',
      kind: 'SelfSubjectReview',
      namespaced: false,
    }
    const review = await as(token).of<KubeObject>(ref).create({ metadata: {} })
    return (review as unknown as { status: { userInfo: object } }).status.userInfo
  }
  const parts = { plane, clock, client, accounts, secrets, account, secret, whoami }
  return { ...parts, [Symbol.asyncDispose]: () => plane.close() }
}

const textOf = (secret: Secret, key: string) =>
  Buffer.from(secret.data?.[key] ?? '', 'base64').toString()

describe('a Secret for the token of an account', () => {
  it('is filled with what a Pod would need', async () => {
    await using held = await planeWithToken()
    const { secret, account } = held
    const { uid } = account.metadata
    expect(secret.metadata.annotations).toEqual({
      'kubernetes.io/service-account.name': 'robot',
      'kubernetes.io/service-account.uid': uid,
    })
    expect(textOf(secret, 'namespace')).toBe('default')
    expect(textOf(secret, 'ca.crt')).toMatch(/^-----BEGIN CERTIFICATE-----/)
    const [, payload = ''] = textOf(secret, 'token').split('.')
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toEqual({
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': 'robot-token',
      'kubernetes.io/serviceaccount/service-account.name': 'robot',
      'kubernetes.io/serviceaccount/service-account.uid': uid,
      sub: 'system:serviceaccount:default:robot',
    })
    expect(secret.metadata.managedFields?.map(({ manager }) => manager)).toContain(
      'kube-controller-manager',
    )
  })

  it('holds a token that stands for the account, and notes the day of its use', async () => {
    await using held = await planeWithToken()
    const { secret, secrets, account, whoami, clock } = held
    expect(await whoami(textOf(secret, 'token'))).toEqual({
      username: 'system:serviceaccount:default:robot',
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
    const { metadata } = await secrets.get('robot-token', inDefault)
    expect(metadata.labels).toEqual({
      'kubernetes.io/legacy-token-last-used': new Date(clock.now()).toISOString().slice(0, 10),
    })
  })

  it('takes the token with it, and goes with its account', async () => {
    await using held = await planeWithToken()
    const { plane, secret, secrets, accounts, whoami } = held
    const token = textOf(secret, 'token')
    await accounts.delete('robot', inDefault)
    await plane.settle()
    await expect(secrets.get('robot-token', inDefault)).rejects.toMatchObject({ code: 404 })
    await expect(whoami(token)).rejects.toMatchObject({ code: 401 })
    const review = { metadata: {}, spec: { token } }
    const ref = {
      group: 'authentication.k8s.io',
      version: 'v1',
      resource: 'tokenreviews',
      kind: 'TokenReview',
      namespaced: false,
    }
    const { status } = (await held.client.of<KubeObject>(ref).create(review)) as never as {
      status: object
    }
    expect(status).toEqual({
      user: {},
      error: '[invalid bearer token, Token has been invalidated]',
    })
  })

  it('does not stay for an account that is not there', async () => {
    await using held = await planeWithToken()
    const { plane, secrets } = held
    const annotations = { 'kubernetes.io/service-account.name': 'nobody' }
    const asked = { metadata: { name: 'vain', ...inDefault, annotations }, type: TYPE }
    await secrets.create(asked)
    await plane.settle()
    await expect(secrets.get('vain', inDefault)).rejects.toMatchObject({ code: 404 })
  })

  it('leaves the list of its account when it is deleted', async () => {
    await using held = await planeWithToken()
    const { plane, secrets, accounts } = held
    const list = { secrets: [{ name: 'robot-token' }, { name: 'other' }] }
    await accounts.patch('robot', list, { ...inDefault, type: 'merge' })
    await secrets.delete('robot-token', inDefault)
    await plane.settle()
    expect((await accounts.get('robot', inDefault)).secrets).toEqual([{ name: 'other' }])
  })
})
