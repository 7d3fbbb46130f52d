import type { FlowSchema, KubeObject, PriorityLevelConfiguration } from '@miniplane/api'
import type { CacheReader } from '../authz/follow-cache.js'
import type { RequestInfo } from '../pipeline/request-info.js'
import type { UserInfo } from '../pipeline/stage.js'
import type { FlowHeaders } from './flow-headers.js'
import { compileRules, type FlowRule } from './flow-rules.js'

interface Flow {
  readonly precedence: number
  readonly name: string
  readonly rules: readonly FlowRule[]
  readonly headers: FlowHeaders
}

/** Of one user: the rules of each flow that speak of him at all. */
interface OwnFlow {
  readonly headers: FlowHeaders
  readonly rules: readonly FlowRule[]
}

const CATCH_ALL = 'catch-all'

/**
 * Finds the FlowSchema of a request: of those that match it the one that comes first, by precedence
 * and then by name. Schemas whose priority level is not there match nothing. What a user's requests
 * can match at all is worked out once a user. Source: KEP-1040.
 */
export class FlowClassifier {
  readonly #schemas = new Map<string, FlowSchema>()
  readonly #levels = new Map<string, string>()
  #flows: readonly Flow[] | undefined
  #ofUsers = new WeakMap<UserInfo, readonly OwnFlow[]>()

  readonly schemas = this.#reader(this.#schemas, (object) => object as FlowSchema)
  readonly levels = this.#reader(
    this.#levels,
    ({ metadata }) => (metadata as PriorityLevelConfiguration['metadata']).uid ?? '',
  )

  /** Undefined: nothing is known yet. */
  headersFor(user: UserInfo, info: RequestInfo): FlowHeaders | undefined {
    for (const { headers, rules } of this.#flowsOf(user))
      for (const rule of rules) if (rule.matchesRequest(info)) return headers
    return this.#all().find(({ name }) => name === CATCH_ALL)?.headers
  }

  #flowsOf(user: UserInfo): readonly OwnFlow[] {
    let own = this.#ofUsers.get(user)
    if (!own) {
      own = this.#all()
        .map(({ headers, rules }) => ({
          headers,
          rules: rules.filter((rule) => rule.matchesUser(user)),
        }))
        .filter(({ rules }) => rules.length > 0)
      this.#ofUsers.set(user, own)
    }
    return own
  }

  #all(): readonly Flow[] {
    this.#flows ??= [...this.#schemas.values()]
      .flatMap((schema) => this.#flowOf(schema) ?? [])
      .sort((a, b) => a.precedence - b.precedence || (a.name < b.name ? -1 : 1))
    return this.#flows
  }

  #flowOf({ metadata, spec }: FlowSchema): Flow | undefined {
    const level = this.#levels.get(spec?.priorityLevelConfiguration.name ?? '')
    if (!spec || level === undefined) return undefined
    return {
      precedence: spec.matchingPrecedence ?? 0,
      name: metadata.name ?? '',
      rules: compileRules(spec.rules ?? []),
      headers: Object.freeze({
        'x-kubernetes-pf-flowschema-uid': metadata.uid ?? '',
        'x-kubernetes-pf-prioritylevel-uid': level,
      }),
    }
  }

  #reader<T>(objects: Map<string, T>, read: (object: KubeObject) => T): CacheReader {
    const change = (work: () => void) => {
      work()
      this.#flows = undefined
      this.#ofUsers = new WeakMap()
    }
    const nameOf = ({ metadata }: KubeObject) => metadata.name ?? ''
    return {
      put: (object) => change(() => objects.set(nameOf(object), read(object))),
      remove: (object) => change(() => objects.delete(nameOf(object))),
      reset: () => change(() => objects.clear()),
    }
  }
}
