import fc from 'fast-check'
import { FuzzedServer, type FuzzRequest } from './fuzzed-server.fixture.js'
import { fill, unreadable } from './read-back.fixture.js'

const IDLE = { request: 0, watchEvent: 0, queuedKey: 0, reconcile: 0, dueTimer: 0 }

/**
 * Asks a server that holds an object of every kind whatever the arbitrary makes. Fails with the
 * shortest request whose answer is none that a client may get; else says what is wrong with what is
 * stored then, and with what is left of requests that were answered.
 */
export async function fuzz(
  requests: fc.Arbitrary<FuzzRequest>,
  { seed, runs }: { seed: number; runs: number },
): Promise<string[]> {
  const fuzzed = new FuzzedServer()
  await fuzzed.start()
  try {
    await fill(fuzzed)
    const watchesAtFirst = await watchesOf(fuzzed)
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        const problems = await fuzzed.problemsWith(request)
        if (problems.length > 0) throw new Error(problems.join('\n'))
      }),
      { seed, numRuns: runs },
    )
    const left = JSON.stringify(fuzzed.ledger.counts())
    const problems = left === JSON.stringify(IDLE) ? [] : [`left over: ${left}`]
    if ((await watchesOf(fuzzed)) !== watchesAtFirst) problems.push('watches left over')
    return [...problems, ...(await unreadable(fuzzed))]
  } finally {
    await fuzzed.close()
  }
}

/** As the metrics have it: those of the server's own parts and those that were asked for. */
async function watchesOf(fuzzed: FuzzedServer): Promise<string | undefined> {
  const { text } = await fuzzed.ask({ method: 'GET', url: '/metrics' })
  return /^apiserver_longrunning_requests (\d+)$/m.exec(text)?.[1]
}
