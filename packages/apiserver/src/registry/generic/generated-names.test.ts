import { type KubeObject, systemRandom } from '@miniplane/api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { requestOf, startServer } from '../../server.fixture.js'
import type { ApiServer } from '../../server.js'

const SUFFIX_LENGTH = 5
const draws: number[] = []
let server: ApiServer
let close: () => Promise<void>

beforeEach(async () => {
  const random = { ...systemRandom(), next: () => draws.shift() ?? 0 }
  ;({ server, close } = await startServer({ random }))
})
afterEach(() => close())

const suffix = (draw: number) => Array<number>(SUFFIX_LENGTH).fill(draw)

async function create(): Promise<{ code: number; name: string; message: string }> {
  const { status, body } = await server.handle(
    requestOf('POST', '/api/v1/namespaces/default/configmaps', {
      body: { object: { metadata: { generateName: 'web-' } } },
    }),
  )
  const object = (body.kind === 'object' ? body.object : {}) as KubeObject & { message?: string }
  return { code: status, name: object.metadata?.name ?? '', message: object.message ?? '' }
}

it('takes the next name when one is taken', async () => {
  draws.push(...suffix(0), ...suffix(0), ...suffix(0.99))
  expect(await create()).toMatchObject({ code: 201, name: 'web-bbbbb' })
  expect(await create()).toMatchObject({ code: 201, name: 'web-99999' })
})

it('takes the next name when another request was faster with it', async () => {
  draws.push(...suffix(0), ...suffix(0), ...suffix(0.99))
  const created = await Promise.all([create(), create()])
  expect(created.map(({ code }) => code)).toEqual([201, 201])
  expect(created.map(({ name }) => name).sort()).toEqual(['web-99999', 'web-bbbbb'])
})

it('gives up when every name is taken', async () => {
  await create()
  expect(await create()).toMatchObject({
    code: 409,
    message:
      'configmaps "web-bbbbb" already exists, the server was not able to generate a unique name for the object',
  })
})
