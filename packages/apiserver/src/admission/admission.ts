import type { KubeObject, ResourceDefinition } from '@miniplane/api'
import type { StrategyContext } from '../registry/strategy.js'

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** What an admission plugin sees of a request. */
export interface AdmissionRequest {
  readonly operation: AdmissionOperation
  readonly definition: ResourceDefinition
  /** Empty for the object itself. */
  readonly subresource: string
  readonly namespace: string | undefined
  readonly name: string
  /** Mutating plugins may change it; absent for DELETE. */
  readonly object: KubeObject | undefined
  /** Never to be written to; absent for CREATE. */
  readonly oldObject: KubeObject | undefined
  /** CreateOptions, UpdateOptions, DeleteOptions as sent. */
  readonly options: Readonly<Record<string, unknown>>
  readonly context: StrategyContext
  /** Adds a `Warning` header to the answer. */
  warn(text: string): void
}

/**
 * One admission plugin. It throws a `StatusError` to refuse. `handles` is asked first and must be
 * cheap: it is on the path of every write.
 */
export interface AdmissionPlugin {
  readonly name: string
  handles(
    operation: AdmissionOperation,
    definition: ResourceDefinition,
    subresource: string,
  ): boolean
  admit?(request: AdmissionRequest): void | Promise<void>
  validate?(request: AdmissionRequest): void | Promise<void>
}
