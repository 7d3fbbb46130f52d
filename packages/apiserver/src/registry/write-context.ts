import type { RequestContext } from '../pipeline/stage.js'
import type { StrategyContext } from './strategy.js'

/** What a write knows about the request that asked for it. */
export interface WriteContext extends StrategyContext {
  readonly requestContext: RequestContext
  /** Empty for the object itself. */
  readonly subresource: string
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions. */
  readonly options: Readonly<Record<string, unknown>>
  /** Who comes to own the fields that the write sets; empty when nobody says. */
  readonly manager: string
  warn(text: string): void
}
