import {
  type CertificateSigningRequest,
  DerError,
  forbidden,
  type KubeObject,
  parseSigningRequest,
} from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'

const SIGNER = 'kubernetes.io/kube-apiserver-client'
const ADMINS = 'system:masters'

/** Nobody becomes an admin, whom no role binds, by a certificate that an approver overlooked. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  handles: (operation, { group, resource }, subresource) =>
    group === 'certificates.k8s.io' &&
    resource === 'certificatesigningrequests' &&
    operation === 'CREATE' &&
    subresource === '',
  validate(request) {
    const { spec } = request.object as CertificateSigningRequest & KubeObject
    if (spec.signerName !== SIGNER) return
    if (organizationsOf(request, spec.request).includes(ADMINS))
      throw refusal(request, `use of ${SIGNER} signer with ${ADMINS} group is not allowed`)
  },
}

function organizationsOf(request: AdmissionRequest, base64: string): readonly string[] {
  try {
    return parseSigningRequest(Buffer.from(base64, 'base64').toString('latin1')).organizations
  } catch (error) {
    if (error instanceof DerError) throw refusal(request, `failed to parse CSR: ${error.message}`)
    throw error
  }
}

const refusal = ({ definition, name }: AdmissionRequest, message: string) =>
  forbidden(definition, name, message)
