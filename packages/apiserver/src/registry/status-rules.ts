import type { FieldError, KubeObject } from '@miniplane/api'
import type { StrategyContext, SubresourceStrategy } from './strategy.js'

type Kept = 'labels' | 'annotations' | 'finalizers' | 'ownerReferences'

/** All metadata that the status has no part in: of kinds whose status is written by controllers. */
export const KEEPS_METADATA: readonly Kept[] = [
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
]

export interface StatusRules<T extends KubeObject> {
  /** Metadata that a writer of the status may not touch either. */
  readonly keep?: readonly Kept[]
  /** What the server fills in or corrects in a new status. */
  prepare?(draft: T, stored: T, context: StrategyContext): void
  validate?(draft: T, stored: T): FieldError[]
  /** Texts for `Warning` headers. */
  warn?(draft: T): string[]
}

/** Writes the status and leaves the desired state alone, whatever the client sent for it. */
export function statusSubresource<T extends KubeObject>(
  rules: StatusRules<T> = {},
): SubresourceStrategy<T> {
  return {
    prepareForUpdate(draft, stored, context) {
      for (const field of new Set([...Object.keys(draft), ...Object.keys(stored)])) {
        if (NOT_DESIRED_STATE.has(field)) continue
        copyField(draft, stored, field)
      }
      for (const field of rules.keep ?? []) copyField(draft.metadata, stored.metadata, field)
      copyField(draft.metadata, stored.metadata, 'generation')
      rules.prepare?.(draft, stored, context)
    },
    ...(rules.validate && {
      validateUpdate: (draft: T, stored: T) => rules.validate?.(draft, stored) ?? [],
    }),
    ...(rules.warn && { warningsOnUpdate: (draft: T) => rules.warn?.(draft) ?? [] }),
  }
}

const NOT_DESIRED_STATE = new Set(['kind', 'apiVersion', 'metadata', 'status'])

/** Absent there, absent here. */
export function copyField(target: object, source: object, field: string): void {
  const from = source as Record<string, unknown>
  const to = target as Record<string, unknown>
  if (from[field] === undefined) delete to[field]
  else to[field] = from[field]
}
