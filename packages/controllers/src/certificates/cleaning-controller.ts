import { X509Certificate } from 'node:crypto'
import { isStatusError, parseTime } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type Controller, requeueAfter, watch } from '../manager/controller.js'
import { condition, SERVICE_ACCOUNT, type SigningRequestObject } from './conditions.js'
import { limits } from './limits.js'

/** Deletes requests that are decided for a while, that nobody decides, or whose certificate is over. */
export const certificateCleaningController: Controller = {
  name: 'csrcleaner',
  serviceAccount: SERVICE_ACCOUNT,

  start({ informer, clock }) {
    const requests = informer(resources.certificateSigningRequests).cache
    return {
      watches: [
        watch(resources.certificateSigningRequests, ({ type, object }) =>
          type === 'deleted' ? [] : [object.metadata.name ?? ''],
        ),
      ],
      async reconcile(name, { client }) {
        const request = requests.get(name)
        if (!request) return undefined
        const leftMs = endMs(request) - clock.now()
        if (leftMs > 0) return requeueAfter(leftMs)
        const { uid = '' } = request.metadata
        try {
          await client
            .of(resources.certificateSigningRequests)
            .delete(name, { preconditions: { uid } })
        } catch (error) {
          if (!isStatusError(error, 'NotFound')) throw error
        }
        return undefined
      },
    }
  },
}

/** When the request may go. */
export function endMs(request: SigningRequestObject): number {
  const { metadata, status } = request
  const madeMs = parseTime(metadata.creationTimestamp ?? '')
  const decided = (['Approved', 'Denied', 'Failed'] as const)
    .map((type) => condition(request, type))
    .find((one) => one !== undefined)
  const decidedMs = decided?.lastUpdateTime ? parseTime(decided.lastUpdateTime) : madeMs
  const end = decided
    ? decidedMs + limits.decidedKeptSeconds * 1000
    : madeMs + limits.pendingKeptSeconds * 1000
  return Math.min(end, status.certificate ? validUntilMs(status.certificate) : end)
}

/** Somebody else's signer may have handed out anything; what is no certificate does not end. */
function validUntilMs(base64: string): number {
  try {
    return Date.parse(new X509Certificate(Buffer.from(base64, 'base64')).validTo)
  } catch (error) {
    if (error instanceof Error) return Number.POSITIVE_INFINITY
    throw error
  }
}
