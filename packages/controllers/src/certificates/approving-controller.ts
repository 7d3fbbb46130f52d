import type { SigningRequest, SubjectAccessReview } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type Controller, type Work, watch } from '../manager/controller.js'
import {
  condition,
  SERVICE_ACCOUNT,
  type SigningRequestObject,
  withCondition,
} from './conditions.js'
import { kubeletClientProblem, parseSpec } from './signers.js'

const SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'
const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
const REQUESTS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

/** Approves what kubelets ask for to talk to the API server, if they have the right to be approved. */
export const certificateApprovingController: Controller = {
  name: 'csrapproving',
  serviceAccount: SERVICE_ACCOUNT,

  start({ informer }) {
    const requests = informer(resources.certificateSigningRequests).cache
    return {
      watches: [
        watch(resources.certificateSigningRequests, ({ type, object }) =>
          type !== 'deleted' && object.spec.signerName === SIGNER
            ? [object.metadata.name ?? '']
            : [],
        ),
      ],
      async reconcile(name, work) {
        const request = requests.get(name)
        if (!request || isDecided(request)) return undefined
        const asked = parseSpec(request.spec.request)
        if (typeof asked === 'string') return undefined
        if (kubeletClientProblem(asked, request.spec.usages ?? []) !== undefined) return undefined
        for (const way of waysOf(request, asked)) {
          if (!(await isAllowed(request, way.subresource, work))) continue
          const body = withCondition(request, 'Approved', 'AutoApproved', way.message)
          await work.client.request({ method: 'PUT', path: `${REQUESTS}/${name}/approval`, body })
          break
        }
        return undefined
      },
    }
  },
}

const isDecided = (request: SigningRequestObject): boolean =>
  !!request.status.certificate || !!condition(request, 'Approved') || !!condition(request, 'Denied')

/** A node renews its own certificate; whoever sets nodes up asks for others'. */
function waysOf({ spec }: SigningRequestObject, { commonName }: SigningRequest) {
  const own = {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  }
  const any = {
    subresource: 'nodeclient',
    message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
  }
  return spec.username === commonName ? [own, any] : [any]
}

async function isAllowed(
  { spec }: SigningRequestObject,
  subresource: string,
  { client }: Work,
): Promise<boolean> {
  const { username: user = '', uid, groups, extra } = spec
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user,
      ...(uid && { uid }),
      ...(groups && { groups }),
      ...(extra && { extra }),
      resourceAttributes: {
        group: 'certificates.k8s.io',
        resource: 'certificatesigningrequests',
        verb: 'create',
        subresource,
      },
    },
  }
  const { object } = await client.request({ method: 'POST', path: REVIEWS, body })
  return (object as SubjectAccessReview).status.allowed
}
