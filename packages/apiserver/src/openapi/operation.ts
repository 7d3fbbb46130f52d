import type { GroupVersionKind } from '@miniplane/api'
import type { Json } from './definitions.js'

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch'

/** In the order in which a document shows the operations of a path. */
export const METHODS: readonly Method[] = [
  'get',
  'put',
  'post',
  'delete',
  'options',
  'head',
  'patch',
]

/** A parameter in the path or the query. */
export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly type: 'string' | 'boolean' | 'integer'
  readonly description: string | undefined
}

/** One method of one path, before it is written in a dialect. */
export interface Operation {
  readonly id: string
  readonly description?: string
  readonly tag: string
  /** `list`, `watchlist`, `connect`, …; absent where the operation is about no kind. */
  readonly action?: string
  readonly kind?: GroupVersionKind
  readonly parameters: readonly Parameter[]
  readonly body?: {
    readonly schema: Json
    readonly types: readonly string[]
    readonly isRequired: boolean
  }
  /** What a client may send where there is no body; version 2 says so. Default: everything. */
  readonly consumes?: readonly string[]
  readonly produces: readonly string[]
  /** Codes of success, all with the same schema. */
  readonly codes: readonly (200 | 201 | 202)[]
  readonly answer: Json
}

/** Path → method → operation. */
export type Paths = Map<string, Map<Method, Operation>>
