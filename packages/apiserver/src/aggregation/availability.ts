import { type APIResourceList, type Clock, sleep } from '@miniplane/api'
import type { PassesOn } from './pass-on.js'
import { askRemote } from './remote-request.js'
import type { RemoteService } from './remote-services.js'

export interface Finding {
  readonly status: 'True' | 'False'
  readonly reason: string
  readonly message: string
}

const PASSED: Finding = { status: 'True', reason: 'Passed', message: 'all checks passed' }

const ANSWER_MS_MAX = 5_000
/** An answer counts for as long. */
const ASK_AGAIN_MS = 30_000
const LIST_BYTES_MAX = 4 * 1024 * 1024

const AGGREGATOR = { name: 'system:kube-aggregator', groups: ['system:masters'] }

/** Asks the servers behind API services whether they are there, and what they serve. */
export class Availability {
  readonly #services: PassesOn & { readonly clock: Clock }
  readonly #changed: (service: RemoteService) => void
  readonly #findings = new Map<string, { service: RemoteService; finding?: Finding }>()
  readonly #stopped = new AbortController()

  /** `changed` hears of each answer. */
  constructor(
    services: PassesOn & { readonly clock: Clock },
    changed: (service: RemoteService) => void,
  ) {
    this.#services = services
    this.#changed = changed
  }

  /** What is known of a server; who is not known is asked. */
  of(service: RemoteService): Finding | undefined {
    const name = service.metadata.name ?? ''
    const known = this.#findings.get(name)
    if (known && sameSpec(known.service, service)) return known.finding
    const entry = { service }
    this.#findings.set(name, entry)
    void this.#keepAsking(name, entry)
    return undefined
  }

  /** It is gone, or something in front of it is missing. */
  forget(name: string): void {
    this.#findings.delete(name)
    this.#services.remoteServices.noteServed(name, undefined)
  }

  stop(): void {
    this.#stopped.abort()
    this.#findings.clear()
  }

  /** For as long as nobody asks about another one of that name. */
  async #keepAsking(name: string, entry: { service: RemoteService; finding?: Finding }) {
    const { remoteServices } = this.#services
    const { group = '', version = '' } = entry.service.spec
    while (this.#findings.get(name) === entry) {
      if (!remoteServices.find(group, version)) return this.forget(name)
      const finding = await this.#ask(name, entry.service)
      if (this.#findings.get(name) !== entry) return
      entry.finding = finding
      this.#changed(entry.service)
      const again = sleep(this.#services.clock, ASK_AGAIN_MS, this.#stopped.signal)
      const isOver = await again.then(
        () => false,
        () => true,
      )
      if (isOver) return
    }
  }

  async #ask(name: string, service: RemoteService): Promise<Finding> {
    const { remoteServices, proxyClient } = this.#services
    const { group, version } = service.spec
    const address = remoteServices.addressOf(service)
    const path = `/apis/${group}/${version}`
    const url = `https://${address?.shown}${path}`
    const failed = (message: string): Finding => {
      remoteServices.noteServed(name, undefined)
      return { status: 'False', reason: 'FailedDiscoveryCheck', message }
    }
    const late = new AbortController()
    const timer = this.#services.clock.setTimer(ANSWER_MS_MAX, () => late.abort())
    const signal = AbortSignal.any([this.#stopped.signal, late.signal])
    const asked = { method: 'GET', path, headers: {}, user: AGGREGATOR, signal }
    try {
      if (!address) throw new Error('no endpoints')
      const answer = await askRemote(service, address, asked, proxyClient)
      const { statusCode = 0 } = answer
      if (statusCode < 200 || statusCode >= 300) {
        answer.destroy()
        return failed(
          `failing or missing response from ${url}: bad status from ${url}: ${statusCode}`,
        )
      }
      remoteServices.noteServed(name, resourceList(await textOf(answer)))
      return PASSED
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return failed(`failing or missing response from ${url}: Get "${url}": ${reason}`)
    } finally {
      timer.cancel()
    }
  }
}

const sameSpec = (a: RemoteService, b: RemoteService): boolean =>
  a.spec === b.spec || JSON.stringify(a.spec) === JSON.stringify(b.spec)

async function textOf(answer: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of answer) {
    bytes += chunk.length
    if (bytes > LIST_BYTES_MAX) throw new Error('the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** What isn't one says nothing of what is served. */
function resourceList(text: string): APIResourceList | undefined {
  try {
    const list = JSON.parse(text) as APIResourceList | null
    return Array.isArray(list?.resources) ? list : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
