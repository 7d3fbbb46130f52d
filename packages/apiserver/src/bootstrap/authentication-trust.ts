import type { ConfigMap, KubeObject } from '@miniplane/api'
import type { FrontProxies } from '../authn/front-proxy.js'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g

/** Where servers that extend this one read whom they may trust to say who somebody is. */
export const authenticationTrust = (
  clientAuthorities: string,
  frontProxies?: FrontProxies,
): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'client-ca-file': clientAuthorities,
      ...(frontProxies && frontProxyData(frontProxies)),
    },
  }) as KubeObject

function frontProxyData(proxies: FrontProxies): Record<string, string> {
  const { authorities, allowedNames, usernameHeaders, uidHeaders } = proxies
  const { groupHeaders, extraHeaderPrefixes } = proxies
  return {
    'requestheader-client-ca-file': authorities,
    'requestheader-allowed-names': JSON.stringify(allowedNames),
    'requestheader-username-headers': JSON.stringify(usernameHeaders),
    'requestheader-group-headers': JSON.stringify(groupHeaders),
    'requestheader-extra-headers-prefix': JSON.stringify(extraHeaderPrefixes),
    ...(uidHeaders.length > 0 && { 'requestheader-uid-headers': JSON.stringify(uidHeaders) }),
  }
}

/** Another server over the same store may trust others: what is said there stays. */
export function withTrusted(stored: KubeObject, wanted: KubeObject): KubeObject {
  const [before = {}, own = {}] = [stored, wanted].map((one) => (one as ConfigMap).data ?? {})
  const data = { ...before }
  for (const [key, value] of Object.entries(own)) {
    const union = key.endsWith('-ca-file') ? certificatesOf : namesOf
    data[key] = union(before[key] ?? '', value)
  }
  return { ...stored, data } as KubeObject
}

const certificatesOf = (before: string, own: string): string =>
  [...new Set(`${before}${own}`.match(CERTIFICATE) ?? [])].join('')

/** Of two lists in JSON; what somebody wrote there that is none counts as empty. */
function namesOf(before: string, own: string): string {
  const isList = /^\[\s*("[^"\\]*"(\s*,\s*"[^"\\]*")*)?\s*\]$/.test(before)
  const known = isList ? (JSON.parse(before) as string[]) : []
  return JSON.stringify([...new Set([...known, ...(JSON.parse(own) as string[])])])
}
