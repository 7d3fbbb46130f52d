import { type ApiRequest, ManualClock, seededRandom } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import type { ApiServerOptions } from './options.js'
import { type ApiServer, createApiServer } from './server.js'

/** May do everything; who a request is from that names nobody else. */
export const ADMIN = { token: 'admin', user: { name: 'root', groups: ['system:masters'] } }

/** A server over a store of its own in memory. Time stands still there, if `options` don't say otherwise. */
export async function startServer(
  options: Partial<ApiServerOptions> = {},
): Promise<{ readonly server: ApiServer; close(): Promise<void> }> {
  const clock = options.clock ?? new ManualClock()
  const store = openEmbeddedStore({ clock })
  const server = createApiServer({
    store: store.client,
    clock,
    random: seededRandom(7),
    tokens: [ADMIN],
    ...options,
  })
  await server.start()
  return {
    server,
    async close() {
      await server.close()
      await store.close()
    },
  }
}

/** A request as a client in the process makes it. */
export function requestOf(
  method: string,
  url: string,
  { token = ADMIN.token, headers, ...rest }: RequestOptions = {},
): ApiRequest {
  const [path = '', query = ''] = url.split('?')
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: { authorization: `Bearer ${token}`, 'user-agent': 'test', ...headers },
    signal: new AbortController().signal,
    ...rest,
  }
}

export interface RequestOptions extends Partial<Pick<ApiRequest, 'headers' | 'body' | 'cause'>> {
  readonly token?: string | undefined
}
