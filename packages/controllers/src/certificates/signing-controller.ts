import { resources } from '@miniplane/client'
import { type Controller, type Work, watch } from '../manager/controller.js'
import {
  condition,
  SERVICE_ACCOUNT,
  type SigningRequestObject,
  withCondition,
} from './conditions.js'
import { limits } from './limits.js'
import { parseSpec, SIGNERS } from './signers.js'

/** Hands out the certificates that were approved, by the rules of Kubernetes' own signers. */
export const certificateSigningController: Controller = {
  name: 'csrsigning',
  serviceAccount: SERVICE_ACCOUNT,

  start({ informer, clock, certify }) {
    const requests = informer(resources.certificateSigningRequests).cache
    return {
      watches: [
        watch(resources.certificateSigningRequests, ({ type, object }) =>
          type === 'deleted' ? [] : [object.metadata.name ?? ''],
        ),
      ],
      async reconcile(name, work) {
        const request = requests.get(name)
        if (!certify || !request || !isToBeSigned(request)) return undefined
        const { spec } = request
        const problem = refusalOf(request)
        if (problem !== undefined) return fail(request, problem, work)
        const lifetimeSeconds = Math.min(
          Math.max(spec.expirationSeconds ?? limits.lifetimeSecondsMax, limits.lifetimeSecondsMin),
          limits.lifetimeSecondsMax,
        )
        const nowMs = clock.now()
        const pem = certify({
          requestPem: Buffer.from(spec.request, 'base64').toString('latin1'),
          usages: spec.usages ?? [],
          notBeforeMs: nowMs - limits.backdatedSeconds * 1000,
          notAfterMs: nowMs + lifetimeSeconds * 1000,
        })
        const certificate = Buffer.from(pem).toString('base64')
        const status = { ...request.status, certificate }
        await work.client
          .of(resources.certificateSigningRequests)
          .updateStatus({ ...request, status })
        return undefined
      },
    }
  },
}

const isToBeSigned = (request: SigningRequestObject): boolean =>
  request.spec.signerName in SIGNERS &&
  !request.status.certificate &&
  condition(request, 'Approved') !== undefined &&
  condition(request, 'Failed') === undefined

function refusalOf({ spec }: SigningRequestObject): string | undefined {
  const asked = parseSpec(spec.request)
  if (typeof asked === 'string') return `unable to parse csr: ${asked}`
  return SIGNERS[spec.signerName]?.refuses(asked, spec.usages ?? [])
}

async function fail(
  request: SigningRequestObject,
  problem: string,
  { client }: Work,
): Promise<undefined> {
  const failed = withCondition(request, 'Failed', 'SignerValidationFailure', problem)
  await client.of(resources.certificateSigningRequests).updateStatus(failed)
}
