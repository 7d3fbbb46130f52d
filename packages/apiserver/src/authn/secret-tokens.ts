import type { Secret } from '@miniplane/api'
import type { JWTPayload } from 'jose'
import type { Lister } from '../registry/strategy.js'

/** Of tokens without an end that stand in a Secret. */
export const SECRET_ISSUER = 'kubernetes/serviceaccount'

/** The day on which a Secret's token was last seen, so that unused ones can be found. */
export const LAST_USED = 'kubernetes.io/legacy-token-last-used'

export interface SecretTokenOrder {
  readonly namespace: string
  readonly serviceAccount: { readonly name: string; readonly uid: string }
  readonly secretName: string
}

const PREFIX = 'kubernetes.io/serviceaccount/'
const CLAIMS = {
  namespace: `${PREFIX}namespace`,
  secret: `${PREFIX}secret.name`,
  account: `${PREFIX}service-account.name`,
  uid: `${PREFIX}service-account.uid`,
} as const

export const subjectOf = (namespace: string, account: string): string =>
  `system:serviceaccount:${namespace}:${account}`

export const secretTokenClaims = (order: SecretTokenOrder): Record<string, string> => ({
  [CLAIMS.namespace]: order.namespace,
  [CLAIMS.secret]: order.secretName,
  [CLAIMS.account]: order.serviceAccount.name,
  [CLAIMS.uid]: order.serviceAccount.uid,
})

export type SecretTokenJudgement =
  | { readonly problem: string }
  | {
      readonly problem?: undefined
      readonly namespace: string
      readonly serviceaccount: { readonly name: string; readonly uid: string }
      /** The Secret that holds the token. */
      readonly secret: Secret
    }

/** The token is good for as long as its Secret holds it and its account is there. */
export function judgeSecretToken(
  token: string,
  { sub, ...claims }: JWTPayload,
  lister: Lister,
): SecretTokenJudgement {
  const claim = (name: string) => {
    const value = claims[name]
    return typeof value === 'string' ? value : ''
  }
  const [namespace, account, uid] = [
    claim(CLAIMS.namespace),
    claim(CLAIMS.account),
    claim(CLAIMS.uid),
  ]
  if (sub !== subjectOf(namespace, account)) return { problem: 'sub claim is invalid' }
  const secret = lister.get('', 'secrets', namespace, claim(CLAIMS.secret)) as Secret | undefined
  if (!secret || secret.metadata.deletionTimestamp) return { problem: 'Token has been invalidated' }
  if (Buffer.from(secret.data?.token ?? '', 'base64').toString('latin1') !== token)
    return { problem: "Token does not match server's copy" }
  const found = lister.get('', 'serviceaccounts', namespace, account)?.metadata
  if (!found) return { problem: `serviceaccounts "${account}" not found` }
  if (found.deletionTimestamp)
    return { problem: `ServiceAccount ${namespace}/${account} has been deleted` }
  if (found.uid !== uid)
    return { problem: `ServiceAccount UID (${found.uid}) does not match claim (${uid})` }
  return { namespace, serviceaccount: { name: account, uid }, secret }
}
