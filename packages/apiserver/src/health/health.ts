import type { ApiResponse } from '@miniplane/api'
import { pageNotFound, plainText } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'

/** One thing that must be well; answers what is wrong, or nothing. */
export interface HealthCheck {
  readonly name: string
  /** Which endpoints ask it. */
  readonly endpoints: readonly Endpoint[]
  check(endpoint: Endpoint): string | undefined | Promise<string | undefined>
}

export type Endpoint = 'healthz' | 'livez' | 'readyz'

/** Answers `/healthz`, `/livez` and `/readyz`, as a whole or one check by its name. */
export class Health {
  readonly #checks: readonly HealthCheck[]

  constructor(checks: readonly HealthCheck[]) {
    this.#checks = checks
  }

  /** The names of an endpoint's checks, for the list of paths. */
  names(endpoint: Endpoint): readonly string[] {
    return this.#of(endpoint).map(({ name }) => name)
  }

  async handle({ info, request }: RequestContext): Promise<ApiResponse> {
    const [, endpoint, ...rest] = info.path.split('/') as ['', Endpoint, ...string[]]
    const checks = this.#of(endpoint)
    if (rest.length > 0) return this.#one(checks, endpoint, rest.join('/'))
    const excluded = new Set(request.query.getAll('exclude'))
    const isVerbose = request.query.has('verbose')
    const lines: string[] = []
    let isHealthy = true
    for (const { name, check } of checks) {
      if (excluded.delete(name)) {
        lines.push(`[+]${name} excluded: ok`)
        continue
      }
      const problem = await check(endpoint)
      if (problem !== undefined) isHealthy = false
      lines.push(problem === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`)
    }
    if (excluded.size > 0)
      lines.push(
        `warn: some health checks cannot be excluded: no matches for ${[...excluded].map((one) => JSON.stringify(one)).join(',')}`,
      )
    if (!isHealthy) return plainText(500, `${lines.join('\n')}\n${endpoint} check failed\n`)
    return plainText(200, isVerbose ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok')
  }

  async #one(
    checks: readonly HealthCheck[],
    endpoint: Endpoint,
    name: string,
  ): Promise<ApiResponse> {
    const found = checks.find((one) => one.name === name)
    if (!found) return pageNotFound()
    const problem = await found.check(endpoint)
    return problem === undefined
      ? plainText(200, 'ok')
      : plainText(500, `internal server error: ${problem}\n`)
  }

  #of(endpoint: Endpoint): readonly HealthCheck[] {
    return this.#checks.filter(({ endpoints }) => endpoints.includes(endpoint))
  }
}
