import { sleep, systemClock } from '@miniplane/api'
import { Nodes } from './nodes.js'
import { play, type Recording } from './play.js'
import { adminOf, type Components, startComponents } from './programs.js'
import { inRealTime } from './real-time.js'

/** Most of a scenario is waiting until nothing happens any more. */
const AT_ONCE = 8
const BEAT_CHECK_MS = 2000

/** The real components on `server`, with nodes that stay alive, until `work` is done. */
export async function withComponents(
  server: string,
  folder: string,
  work: (
    playOne: (scenario: string) => Promise<Recording>,
    components: Components,
  ) => Promise<void>,
): Promise<void> {
  await using components = await startComponents(server, folder)
  const client = adminOf(server)
  const nodes = new Nodes(client, systemClock)
  await nodes.register()
  const ended = new AbortController()
  const beating = beatUntil(nodes, ended.signal)
  using ground = await inRealTime(client, nodes)
  try {
    await work((scenario) => play(ground, scenario), components)
  } finally {
    ended.abort()
    await beating
  }
}

/** Calls `work` for each, a few at the same time. */
export async function forEachAtOnce(
  scenarios: readonly string[],
  work: (scenario: string) => Promise<void>,
): Promise<void> {
  const left = [...scenarios]
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await work(next)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function beatUntil(nodes: Nodes, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await nodes.beat()
    await sleep(systemClock, BEAT_CHECK_MS)
  }
}
