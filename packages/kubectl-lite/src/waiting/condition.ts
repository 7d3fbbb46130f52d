import type { KubeObject } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { JsonPath } from '../jsonpath/evaluate.js'
import { relaxedPath } from '../printers/custom-columns.js'
import { showValue } from '../printers/go-value.js'

/** What `--for` waits for. */
export type Condition =
  | { readonly type: 'create' | 'delete' }
  | { readonly type: 'state'; isMet(object: KubeObject): boolean }

/** Reads the value of `--for`. Throws kubectl's complaints. */
export function parseCondition(text: string): Condition {
  const lower = text.toLowerCase()
  if (lower === 'delete' || lower === 'create') return { type: lower }
  if (text.startsWith('condition=')) return statusCondition(text.slice('condition='.length))
  if (text.startsWith('jsonpath=')) return jsonPathCondition(text.slice('jsonpath='.length))
  throw new CommandError(`unrecognized condition: ${JSON.stringify(text)}`)
}

interface StatusWithConditions {
  readonly observedGeneration?: number
  readonly conditions?:
    | readonly {
        readonly type?: string
        readonly status?: string
        readonly observedGeneration?: number
      }[]
    | null
}

function statusCondition(text: string): Condition {
  const equals = text.indexOf('=')
  const wantedType = (equals < 0 ? text : text.slice(0, equals)).toLowerCase()
  const wantedStatus = (equals < 0 ? 'true' : text.slice(equals + 1)).toLowerCase()
  return {
    type: 'state',
    isMet({ metadata, status }) {
      const { conditions, observedGeneration } = (status ?? {}) as StatusWithConditions
      const found = conditions?.find(({ type }) => type?.toLowerCase() === wantedType)
      if (!found) return false
      // What was said about an older generation says nothing about this one.
      const observed = found.observedGeneration ?? observedGeneration
      if (observed !== undefined && observed < (metadata.generation ?? 0)) return false
      return found.status?.toLowerCase() === wantedStatus
    },
  }
}

function jsonPathCondition(text: string): Condition {
  if (text === '') throw new CommandError('jsonpath expression cannot be empty')
  const match = /^(\{[^}]*\}|[^=]*)(?:=(.*))?$/s.exec(text)
  const [, expression = '', value] = match ?? []
  if (!match || expression === '' || value === '') {
    throw new CommandError(
      "jsonpath wait format must be --for=jsonpath='{.status.readyReplicas}'=3 or --for=jsonpath='{.status.readyReplicas}'",
    )
  }
  const path = new JsonPath(relaxedPath(expression), { allowMissingKeys: true })
  return {
    type: 'state',
    isMet(object) {
      const values = path.find(object).flat()
      if (values.length === 0) return false
      if (values.length > 1)
        throw new CommandError('given jsonpath expression matches more than one value')
      const [found] = values
      if (value === undefined) return found !== null && found !== undefined
      if (typeof found === 'object' && found !== null) {
        throw new CommandError('jsonpath leads to a nested object or list which is not supported')
      }
      return showValue(found) === value
    },
  }
}
