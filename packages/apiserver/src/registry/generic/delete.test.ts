import { afterAll, beforeAll, expect, it } from 'vitest'
import { FuzzedServer } from '../../fuzz/fuzzed-server.fixture.js'

const served = new FuzzedServer()
beforeAll(() => served.start())
afterAll(() => served.close())

it.each(['/api/v1', '/apis/events.k8s.io/v1'])(
  'an Event is refused through %s by the name of what is stored',
  async (api) => {
    const headers = { accept: 'application/json', 'content-type': 'application/json' }
    const event = { metadata: { name: 'e' }, involvedObject: { namespace: 'default' } }
    const url = '/api/v1/namespaces/default/events'
    await served.ask({ method: 'POST', url, headers, body: JSON.stringify(event) })
    const asked = { method: 'DELETE', url: `${api}/namespaces/default/events/e?uid=5`, headers }
    const { status, text } = await served.ask(asked)
    expect(status).toBe(409)
    expect(text).toContain('Operation cannot be fulfilled on Event \\"e\\": the UID')
  },
)
