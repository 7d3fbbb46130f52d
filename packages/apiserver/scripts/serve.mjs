#!/usr/bin/env node
// An API server alone, over an empty store in memory, as the recordings of a real one were made:
//   node packages/apiserver/scripts/serve.mjs [--port N] [--disable-admission-plugins A,B]
// Prints its address; the tokens are admin-token (system:masters) and user-token (alice).
import { parseArgs } from 'node:util'
import { systemClock, systemRandom } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { createApiServer, listenHttps } from '../dist/index.js'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'disable-admission-plugins': { type: 'string', default: '' },
  },
})
const random = systemRandom()
const store = openEmbeddedStore({ clock: systemClock })
const apiServer = createApiServer({
  store: store.client,
  clock: systemClock,
  random,
  log: console,
  tokens: [
    { token: 'admin-token', user: { name: 'admin', uid: 'admin-uid', groups: ['system:masters'] } },
    { token: 'user-token', user: { name: 'alice', groups: ['devs'] } },
  ],
  disableAdmissionPlugins: values['disable-admission-plugins'].split(',').filter(Boolean),
})
await apiServer.start()
const edge = await listenHttps(apiServer, { port: Number(values.port) })
console.log(edge.server)
const stop = async () => {
  await edge.close()
  await apiServer.close()
  await store.close()
}
process.once('SIGINT', stop)
process.once('SIGTERM', stop)
