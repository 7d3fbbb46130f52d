import { systemClock, systemRandom } from '@miniplane/api'
import type { ApiServerOptions } from '../options.js'
import { startServer } from '../server.fixture.js'
import type { ApiServer } from '../server.js'
import { type HttpsEdge, listenHttps } from './https.js'

/** A server in real time that listens. */
export async function startEdge(
  options: Partial<ApiServerOptions> = {},
): Promise<{ readonly edge: HttpsEdge; readonly server: ApiServer; close(): Promise<void> }> {
  const surroundings = { clock: systemClock, random: systemRandom(), ...options }
  const { server, close } = await startServer(surroundings)
  const edge = await listenHttps(server)
  return {
    edge,
    server,
    async close() {
      await edge.close()
      await close()
    },
  }
}
