import type { ConfigMap, KubeObject } from '@miniplane/api'

const CLIENT_CA = 'client-ca-file'
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g

/** Where servers that extend this one read whom they may trust to say who somebody is. */
export const authenticationTrust = (clientAuthorities: string): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { [CLIENT_CA]: clientAuthorities },
  }) as KubeObject

/** Another server over the same store may trust others: what is said there stays. */
export function withTrusted(stored: KubeObject, wanted: KubeObject): KubeObject {
  const [before, own] = [stored, wanted].map((one) => (one as ConfigMap).data?.[CLIENT_CA] ?? '')
  const all = new Set(`${before}${own}`.match(CERTIFICATE) ?? [])
  const data = { ...(stored as ConfigMap).data, [CLIENT_CA]: [...all].join('') }
  return { ...stored, data } as KubeObject
}
