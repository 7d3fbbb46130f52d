import type { Cause, Trigger } from '@miniplane/api'
import { limits } from '../limits.js'

/**
 * What the caller says led to its request; anything that is no cause is none. It is kept with the
 * write for a long time and shown to others, so its form is checked and its size bounded.
 */
export function parseCause(text: string): Cause | undefined {
  if (text.length > limits.causeBytesMax) return undefined
  const { actor, workItem, triggers } = asObject(parseOrNothing(text))
  if (typeof actor !== 'string' || !Array.isArray(triggers)) return undefined
  return {
    actor,
    ...(typeof workItem === 'string' && { workItem }),
    triggers: triggers.flatMap(asTrigger),
  }
}

function asTrigger(value: unknown): Trigger[] {
  const { resource, key, revision } = asObject(value)
  const isWhole =
    typeof resource === 'string' && typeof key === 'string' && typeof revision === 'string'
  return isWhole ? [{ resource, key, revision }] : []
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
