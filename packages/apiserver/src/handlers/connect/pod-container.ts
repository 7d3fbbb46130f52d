import { badRequest, type Pod } from '@miniplane/api'

/** The container asked for, else the only one. Throws 400 when that says nothing. */
export function containerOf({ metadata, spec }: Pod, asked: string): string {
  const { name } = metadata
  const { containers = [], initContainers = [], ephemeralContainers = [] } = spec
  const all = [...initContainers, ...containers, ...ephemeralContainers].map((one) => one.name)
  if (asked !== '') {
    if (all.includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const [only, ...rest] = containers
  if (only && rest.length === 0) return only.name
  const choice = only ? `, choose one of: [${all.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${name}${choice}`)
}
