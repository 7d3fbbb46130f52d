import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { playFile } from './play.js'
import type { RecordedCase, RecordedStep } from './recordings.js'
import { httpSuite } from './suites.js'

/** A server that gives the same answer to everything, or one answer first and another then. */
async function startStub(first = '1') {
  let major = first
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ major }))
    if (request.url === '/version') major = '1'
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    kubeconfig: `clusters: [{cluster: {\nserver: http://127.0.0.1:${port}\n}}]\n`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

function recorded(name: string, major: string): RecordedCase {
  const headers = { 'content-type': 'application/json' }
  const answer = { status: 200, headers, body: { major } }
  return { name, steps: [{ path: '/version', answer } as RecordedStep] }
}

it('plays a file and says of each case what differs', async () => {
  const cases = [recorded('as recorded', '1'), recorded('other', '2'), recorded('known', '3')]
  const outcomes = await playFile(
    { ...httpSuite, start: () => startStub() },
    { file: 'machinery/stub.json', folder: 'machinery', cases },
    (name) => name === 'known',
  )
  expect([...outcomes]).toEqual([
    ['as recorded', undefined],
    ['other', '   step 0 GET /version\n      body.major: want "2", got "1"'],
    ['known', '   step 0 GET /version\n      body.major: want "3", got "1"'],
  ])
})

it('plays once more what should pass and differs, and only that', async () => {
  const outcomes = await playFile(
    { ...httpSuite, start: () => startStub('0') },
    { file: 'machinery/stub.json', folder: 'machinery', cases: [recorded('slow', '1')] },
    () => false,
  )
  expect([...outcomes]).toEqual([['slow', undefined]])
})

it('says of a case without a verdict what the player printed last', async () => {
  const outcomes = await playFile(
    { ...httpSuite, start: () => startStub(), player: () => ['play.mjs', '--only'] },
    { file: 'machinery/stub.json', folder: 'machinery', cases: [recorded('a', '1')] },
    () => false,
  )
  expect(outcomes.get('a')).toMatch(/^ {3}no verdict: usage: play\.mjs/)
})
