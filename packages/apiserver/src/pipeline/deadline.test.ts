import { type ApiResponse, ManualClock } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.js'
import { silentLog } from '../log.js'
import { limitTime } from './deadline.js'
import { recover } from './recover.js'
import { requestInfoOf } from './request-info.js'
import { compose, type RequestContext } from './stage.js'

const LATE_MS = 20_000

/** A server whose every answer takes twenty seconds of its clock. */
async function ask(url: string): Promise<{ status: number; message?: string; afterMs: number }> {
  const clock = new ManualClock()
  const slow = () =>
    new Promise<ApiResponse>((resolve) => {
      const response = {
        status: 200,
        headers: {},
        body: { kind: 'none' },
      } as unknown as ApiResponse
      clock.setTimer(LATE_MS, () => resolve(response))
    })
  const pipeline = compose(
    [recover(silentLog), limitTime(clock, { ...limits, requestTimeoutMs: 15_000 })],
    slow,
  )
  const [path = '', query = ''] = url.split('?')
  const signal = new AbortController().signal
  const request = { method: 'GET', path, query: new URLSearchParams(query), headers: {}, signal }
  const context: RequestContext = {
    request,
    auditId: '',
    info: requestInfoOf(request),
    user: { name: '', groups: [] },
    warnings: [],
  }
  let response: ApiResponse | undefined
  const done = pipeline(context).then((answer) => {
    response = answer
  })
  const startMs = clock.now()
  while (!response) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (!response) clock.advance(1000)
  }
  await done
  const object = response.body.kind === 'object' ? response.body.object : {}
  return { ...(object as object), status: response.status, afterMs: clock.now() - startMs }
}

describe('limitTime', () => {
  it.each([
    ['the server sets the limit', '/api/v1/pods', 15_000],
    ['a client may want to wait less', '/api/v1/pods?timeout=3s', 3_000],
    ['but not more', '/api/v1/pods?timeout=1h', 15_000],
    ['0 is no wish', '/api/v1/pods?timeout=0s', 15_000],
  ])('%s', async (_, url, afterMs) => {
    expect(await ask(url)).toMatchObject({
      status: 504,
      afterMs,
      reason: 'Timeout',
      message: 'Timeout: request did not complete within the allotted timeout',
    })
  })

  it.each(['/api/v1/pods?watch=1', '/api/v1/namespaces/a/pods/p/log'])(
    'streams last: %s',
    async (url) => {
      expect(await ask(url)).toMatchObject({ status: 200, afterMs: LATE_MS })
    },
  )

  it('refuses what is no duration', async () => {
    expect(await ask('/api/v1/pods?timeout=5')).toMatchObject({
      status: 400,
      message: 'invalid timeout specified in the request URL - time: missing unit in duration "5"',
    })
  })
})
