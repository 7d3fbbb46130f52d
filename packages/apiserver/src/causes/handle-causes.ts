import { type ApiResponse, genericServerResponse } from '@miniplane/api'
import { queryInteger } from '../negotiation/query.js'
import { respondEncodable } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import { unstored } from '../storage/unstored.js'
import type { CauseLog } from './cause-log.js'

export const CAUSES_PATH = '/debug/miniplane/causes'

/**
 * GET /debug/miniplane/causes?since=&resource=&key=&uid=&limit= answers `{"records": […]}`, the
 * records in the order of their revisions.
 */
export function handleCauses(causes: CauseLog, { request }: RequestContext): ApiResponse {
  if (request.method !== 'GET')
    throw genericServerResponse(405, request.method, { group: '', resource: '' }, '')
  const { query } = request
  const records = causes.select({
    since: queryInteger(query, 'since'),
    resource: query.get('resource') ?? undefined,
    key: query.get('key') ?? undefined,
    uid: query.get('uid') ?? undefined,
    limit: queryInteger(query, 'limit'),
  })
  return respondEncodable(200, unstored({ records }), { format: 'json', isPretty: false })
}
