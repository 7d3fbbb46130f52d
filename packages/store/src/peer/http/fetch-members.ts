import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { RemoteCluster } from '../../membership/bootstrap.js'
import { parseId } from '../../membership/ids.js'
import { membersFromJson } from '../../membership/member-json.js'
import { CLUSTER_ID_HEADER, header } from './identity.js'
import { defaultPeerLimits } from './limits.js'
import { type ClientTls, PeerClient, readBody, responseTo } from './peer-client.js'

export interface FetchMembersOptions {
  readonly clock: Clock
  readonly log: Log
  readonly tls?: ClientTls | undefined
  /** For each URL. */
  readonly timeoutMs?: number | undefined
}

/**
 * Who belongs to the cluster of these members, as the first of them that answers says; undefined
 * when none does.
 */
export async function fetchMembers(
  peerUrls: readonly string[],
  options: FetchMembersOptions,
): Promise<RemoteCluster | undefined> {
  const client = new PeerClient(options.tls)
  try {
    for (const url of peerUrls) {
      try {
        return await fetchFrom(url, client, options)
      } catch (error) {
        options.log.warn('failed to get cluster information', { url, error: String(error) })
      }
    }
    return undefined
  } finally {
    client.close()
  }
}

async function fetchFrom(
  url: string,
  client: PeerClient,
  { clock, timeoutMs = defaultPeerLimits.dialTimeoutMs }: FetchMembersOptions,
): Promise<RemoteCluster> {
  const request = client.open({ url, path: '/members', method: 'GET', isAlone: true })
  request.end()
  const response = await responseTo(request, clock, timeoutMs)
  const body = await readBody(response, ANSWER_BYTES_MAX, clock, timeoutMs)
  if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${body.toString()}`)
  const clusterId = parseId(header(response.headers, CLUSTER_ID_HEADER) ?? '')
  if (clusterId === undefined) throw new Error('the answer names no cluster')
  return { clusterId, members: membersFromJson(body.toString()) }
}

const ANSWER_BYTES_MAX = 1024 * 1024
