import type { KubeObject } from '@miniplane/api'
import type { ResourceInfo } from '../resolve/discovery.js'
import type { Session } from '../session/session.js'
import type { DescribeWriter } from './writer.js'

/** What a describer is given. */
export interface DescribeContext {
  readonly session: Session
  readonly writer: DescribeWriter
  readonly resource: ResourceInfo
  readonly showEvents: boolean
  readonly nowMs: number
}

/** Writes everything worth knowing about one object of its kind. */
export type Describer = (object: KubeObject, context: DescribeContext) => Promise<void>
