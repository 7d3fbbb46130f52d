import { gunzipSync } from 'node:zlib'
import type { ApiResponse } from '@miniplane/api'
import { expect, it } from 'vitest'
import { compress } from './compress.js'
import type { RequestContext } from './stage.js'

const LONG = `"${'x'.repeat(128 * 1024 - 1)}"`
const bytes = (text: string) => Buffer.from(text)

async function answered(accepted: string | undefined, response: ApiResponse): Promise<ApiResponse> {
  const headers = accepted === undefined ? {} : { 'accept-encoding': accepted }
  const context = { request: { headers } } as unknown as RequestContext
  return compress(context, async () => response)
}

const json = (text: string): ApiResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: { kind: 'object', object: undefined, json: () => bytes(text) },
})

it.each(['gzip', 'deflate, gzip', 'gzip,br'])(
  'a long answer is compressed for %s',
  async (type) => {
    const { headers, body } = await answered(type, json(LONG))
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect(body.kind === 'bytes' && gunzipSync(body.bytes).toString()).toBe(LONG)
  },
)

it.each<[string, string | undefined, ApiResponse]>([
  ['nobody takes it', undefined, json(LONG)],
  ['it is taken at a quality only', 'gzip;q=0.9', json(LONG)],
  ['it is short', 'gzip', json(LONG.slice(0, 128 * 1024))],
  [
    'it is no object',
    'gzip',
    {
      status: 200,
      headers: { 'content-type': 'text/plain' },
      body: { kind: 'bytes', bytes: bytes(LONG) },
    },
  ],
])('an answer stays as it is when %s', async (_, accepted, response) => {
  const answer = await answered(accepted, response)
  expect(answer.headers).toEqual(response.headers)
  const { body } = answer
  const sent = body.kind === 'object' ? body.json() : body.kind === 'bytes' && body.bytes
  const had = response.body.kind === 'object' ? response.body.json() : bytes(LONG)
  expect(sent).toEqual(had)
})
