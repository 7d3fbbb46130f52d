import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import type { ApiResponse } from '@miniplane/api'
import { MEDIA_TYPES } from '../negotiation/accept.js'
import type { Stage } from './stage.js'

/** What is not longer costs more to compress than to send. */
const THRESHOLD_BYTES = 128 * 1024

const gzipped = promisify(gzip)
const OBJECTS: ReadonlySet<unknown> = new Set(Object.values(MEDIA_TYPES))

/**
 * A long object or list in gzip for who takes that, as fast as it goes. Everything else stays as it
 * is, watches above all: their events must not wait for more of them.
 */
export const compress: Stage = (context, next) => {
  const accepted = context.request.headers['accept-encoding']
  if (accepted === undefined || !takesGzip(accepted)) return next(context)
  return next(context).then(compressed)
}

/** The name alone and as it is, without a quality: so the real server reads it. */
const takesGzip = (accepted: string): boolean =>
  accepted.split(',').some((token) => token.trim() === 'gzip')

async function compressed(response: ApiResponse): Promise<ApiResponse> {
  const { body, headers, status } = response
  const bytes = objectBytes(response)
  if (!bytes) return response
  if (bytes.length <= THRESHOLD_BYTES) {
    if (body.kind !== 'object') return response
    // Encoded by now, so not once more.
    return { ...response, body: { kind: 'object', object: body.object, json: () => bytes } }
  }
  return {
    status,
    headers: { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' },
    body: { kind: 'bytes', bytes: await gzipped(bytes, { level: constants.Z_BEST_SPEED }) },
  }
}

function objectBytes({ headers, body }: ApiResponse): Uint8Array | undefined {
  if (body.kind === 'object') return body.json()
  return body.kind === 'bytes' && OBJECTS.has(headers['content-type']) ? body.bytes : undefined
}
