import type { KubeObject, Secret, ServiceAccount } from '@miniplane/api'

export type SecretObject = Secret & KubeObject
export type AccountObject = ServiceAccount & KubeObject

export const TOKEN_TYPE = 'kubernetes.io/service-account-token'
const NAME = 'kubernetes.io/service-account.name'
const UID = 'kubernetes.io/service-account.uid'

export const isTokenSecret = ({ type }: Secret): boolean => type === TOKEN_TYPE

export const accountNameOf = ({ metadata }: Secret): string => metadata.annotations?.[NAME] ?? ''

/** A Secret names an account, and as soon as it has a token, one of that name only. */
export function belongsTo(secret: Secret, account: ServiceAccount): boolean {
  const uid = secret.metadata.annotations?.[UID]
  return accountNameOf(secret) === account.metadata.name && (!uid || uid === account.metadata.uid)
}

export interface Contents {
  readonly token: string | undefined
  /** PEM. */
  readonly rootCertificate: string | undefined
}

/** Whether there is a token to be made. */
export const lacksToken = ({ data }: Secret): boolean => !data?.token

/** The Secret with all that belongs into it; itself when nothing is missing. */
export function filled(
  secret: SecretObject,
  account: AccountObject,
  { token, rootCertificate }: Contents,
): SecretObject {
  const { metadata, data = {} } = secret
  const missing: Record<string, string> = {}
  if (rootCertificate && data['ca.crt'] !== base64(rootCertificate))
    missing['ca.crt'] = base64(rootCertificate)
  if (!data.namespace) missing.namespace = base64(metadata.namespace ?? '')
  if (token !== undefined) missing.token = base64(token)
  const { name = '', uid = '' } = account.metadata
  const isMarked = metadata.annotations?.[UID] === uid && metadata.annotations?.[NAME] === name
  if (isMarked && Object.keys(missing).length === 0) return secret
  return {
    ...secret,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [NAME]: name, [UID]: uid } },
    data: { ...data, ...missing },
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
