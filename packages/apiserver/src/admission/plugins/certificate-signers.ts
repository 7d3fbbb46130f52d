import { type CertificateSigningRequest, forbidden, isEqual, type KubeObject } from '@miniplane/api'
import type { Authorizer } from '../../authz/authorizer.js'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'

const GROUP = 'certificates.k8s.io'
const RESOURCE = 'certificatesigningrequests'

interface Given {
  readonly authorizer: Authorizer
}

type Request = CertificateSigningRequest & KubeObject

/** Only who may `approve` for a signer approves or denies what asks that signer for a certificate. */
export const certificateApproval = ({ authorizer }: Given): AdmissionPlugin => ({
  name: 'CertificateApproval',
  handles: (operation, { group, resource }, subresource) =>
    group === GROUP &&
    resource === RESOURCE &&
    operation === 'UPDATE' &&
    subresource === 'approval',
  validate(request) {
    if (!isAllowed(authorizer, request, 'approve')) throw refusal(request, 'approve')
  },
})

/** Only who may `sign` for a signer hands out the certificate, or says that there will be none. */
export const certificateSigning = ({ authorizer }: Given): AdmissionPlugin => ({
  name: 'CertificateSigning',
  handles: (operation, { group, resource }, subresource) =>
    group === GROUP && resource === RESOURCE && operation === 'UPDATE' && subresource === 'status',
  validate(request) {
    const [{ status }, { status: stored }] = [
      request.object as Request,
      request.oldObject as Request,
    ]
    const isSame =
      status.certificate === stored.certificate && isEqual(status.conditions, stored.conditions)
    if (isSame || isAllowed(authorizer, request, 'sign')) return
    throw refusal(request, 'sign')
  },
})

/** The stored request counts: nobody may get round this by asking for another signer. */
const signerOf = ({ oldObject }: AdmissionRequest): string => (oldObject as Request).spec.signerName

function isAllowed(authorizer: Authorizer, request: AdmissionRequest, verb: string): boolean {
  const signer = signerOf(request)
  const [domain = ''] = signer.split('/')
  const access = { isResource: true, path: '', namespace: '', subresource: '' }
  return [signer, `${domain}/*`].some((name) => {
    const asked = { ...access, verb, group: GROUP, resource: 'signers', name }
    return authorizer.authorize(request.context.user, asked).decision === 'allow'
  })
}

const refusal = (request: AdmissionRequest, verb: string) =>
  forbidden(
    request.definition,
    request.name,
    `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerOf(request))}`,
  )
