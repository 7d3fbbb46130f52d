import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { httpsTransport } from './https-transport.js'

it('ends a watch, and not the process, when what comes is no event', async () => {
  const server = createServer((_request, response) => {
    response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n{"type":"MOD')
    setImmediate(() => response.write('<html>gateway timeout</html>\n'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const transport = httpsTransport({ server: `http://127.0.0.1:${port}` })
  try {
    const names: unknown[] = []
    const ended = await new Promise<unknown>((resolve, reject) => {
      const sink = {
        onEvents: (events: readonly { object: { metadata: { name?: string } } }[]) =>
          void names.push(...events.map(({ object }) => object.metadata.name)),
        onEnd: resolve,
      }
      transport.watch({ method: 'GET', path: '/api/v1/pods' }, sink).catch(reject)
    })
    expect(names).toEqual(['a'])
    expect(ended).toEqual(
      new Error(
        'the watch sent what is no event: "{\\"type\\":\\"MOD<html>gateway timeout</html>"',
      ),
    )
  } finally {
    transport.close()
    server.closeAllConnections()
    server.close()
  }
})
