import { CommandError, NoResourceMatch } from '../errors/errors.js'
import { groupVersionOf, type ResourceInfo } from './discovery.js'

/** From what users type and manifests say to what the server serves. */
export class RestMapper {
  readonly resources: readonly ResourceInfo[]

  constructor(resources: readonly ResourceInfo[]) {
    this.resources = resources
  }

  /**
   * The resource for `deploy`, `deployments`, `deployment.apps` or `deployments.v1.apps`. Throws
   * when there is none.
   */
  forArgument(argument: string): ResourceInfo {
    const found = this.find(argument)
    if (!found) {
      const [resource] = argument.split('.', 1)
      throw new CommandError(`the server doesn't have a resource type "${resource}"`)
    }
    return found
  }

  /** Like `forArgument`, with the error that commands without a resource builder give. */
  forResource(argument: string): ResourceInfo {
    const found = this.find(argument)
    if (!found) throw new NoResourceMatch(argument)
    return found
  }

  find(argument: string): ResourceInfo | undefined {
    const [name = '', ...rest] = argument.split('.')
    const [version, ...group] = rest
    const exact =
      rest.length >= 2
        ? this.#search(name, (one) => one.version === version && one.group === group.join('.'))
        : undefined
    if (exact) return exact
    const groupPrefix = rest.join('.')
    if (groupPrefix === '') return this.#search(name, () => true)
    return (
      this.#search(name, (one) => one.group === groupPrefix) ??
      this.#search(name, (one) => one.group.startsWith(groupPrefix))
    )
  }

  /** Names win over short names, whatever the group. */
  #search(typed: string, accept: (one: ResourceInfo) => boolean): ResourceInfo | undefined {
    const name = typed.toLowerCase()
    return (
      this.resources.find(
        (one) => accept(one) && (one.resource === name || singularOf(one) === name),
      ) ?? this.resources.find((one) => accept(one) && one.shortNames.includes(name))
    )
  }

  /** The resource that stores objects of this kind; undefined when the server has none. */
  forKind(apiVersion: string, kind: string): ResourceInfo | undefined {
    return this.resources.find((one) => one.kind === kind && groupVersionOf(one) === apiVersion)
  }

  /** The preferred version of a kind. */
  forGroupKind(group: string, kind: string): ResourceInfo | undefined {
    return this.resources.find((one) => one.kind === kind && one.group === group)
  }

  /** Resources of a category such as `all`, preferred versions only. */
  inCategory(category: string): ResourceInfo[] {
    return this.preferred().filter((one) => one.categories.includes(category))
  }

  /** Each resource once, in the version that the server prefers. */
  preferred(): ResourceInfo[] {
    const seen = new Set<string>()
    return this.resources.filter((one) => {
      const key = `${one.group}/${one.resource}`
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
  }
}

const singularOf = (one: ResourceInfo): string => one.singular || one.kind.toLowerCase()
