import type { ConfigMap, KubeObject } from '@miniplane/api'
import { expect, it } from 'vitest'
import { authenticationTrust, withTrusted } from './authentication-trust.js'

const certificate = (content: string) =>
  `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`
const proxies = {
  authorities: certificate('front'),
  allowedNames: ['a'],
  usernameHeaders: ['X-Remote-User'],
  uidHeaders: [],
  groupHeaders: ['X-Remote-Group'],
  extraHeaderPrefixes: [],
}
const dataOf = (one: KubeObject) => (one as ConfigMap).data

it('says whose certificates count, and which proxies are believed', () => {
  expect(dataOf(authenticationTrust('CA'))).toEqual({ 'client-ca-file': 'CA' })
  expect(dataOf(authenticationTrust('CA', proxies))).toEqual({
    'client-ca-file': 'CA',
    'requestheader-client-ca-file': certificate('front'),
    'requestheader-allowed-names': '["a"]',
    'requestheader-username-headers': '["X-Remote-User"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-extra-headers-prefix': '[]',
  })
})

it('what another server has said stays', () => {
  const other = authenticationTrust(certificate('other'), { ...proxies, allowedNames: ['b', 'a'] })
  const own = authenticationTrust(certificate('own'), proxies)
  expect(dataOf(withTrusted(other, own))).toMatchObject({
    'client-ca-file': certificate('other') + certificate('own'),
    'requestheader-client-ca-file': certificate('front'),
    'requestheader-allowed-names': '["b","a"]',
  })
})
