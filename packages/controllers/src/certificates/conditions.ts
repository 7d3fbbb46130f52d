import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  KubeObject,
} from '@miniplane/api'

export type SigningRequestObject = CertificateSigningRequest & KubeObject

/** Whom these controllers act as. */
export const SERVICE_ACCOUNT = 'certificate-controller'

export const condition = (
  { status: { conditions } }: SigningRequestObject,
  type: 'Approved' | 'Denied' | 'Failed',
): CertificateSigningRequestCondition | undefined =>
  conditions?.find((one) => one.type === type && one.status === 'True')

/** The request with one condition more. */
export const withCondition = (
  request: SigningRequestObject,
  type: 'Approved' | 'Failed',
  reason: string,
  message: string,
): SigningRequestObject => {
  const { conditions = [] } = request.status
  const added = { type, status: 'True', reason, message }
  return { ...request, status: { ...request.status, conditions: [...conditions, added] } }
}
