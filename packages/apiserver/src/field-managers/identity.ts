import type { ManagedFieldsEntry } from '@miniplane/api'

/** What tells one manager of an object from another. */
export type Identity = Pick<
  ManagedFieldsEntry,
  'manager' | 'operation' | 'apiVersion' | 'subresource'
>

/**
 * An identity as one text. Who applies is the same manager in whatever version it applies; who
 * updates is another manager in each. Managers are listed by these texts where an order is needed.
 */
export function identifierOf({ manager, operation, apiVersion, subresource }: Identity): string {
  let text = '{'
  if (manager) text += `"manager":${quoted(manager)}`
  if (operation) text += `${text === '{' ? '' : ','}"operation":${quoted(operation)}`
  if (apiVersion && operation !== 'Apply') text += `,"apiVersion":${quoted(apiVersion)}`
  if (subresource) text += `,"subresource":${quoted(subresource)}`
  return `${text}}`
}

const PLAIN = /^[\w.:/@+ -]*$/

const quoted = (text: string) => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text))

/** The identity behind a text of `identifierOf`. */
export const identityOf = (identifier: string): Identity => JSON.parse(identifier)

/** As messages name it: `"kubectl" with subresource "status" using apps/v1`. */
export function describeManager(identifier: string): string {
  const { manager = '', operation, apiVersion = '', subresource } = identityOf(identifier)
  const name = JSON.stringify(manager)
  const whole = subresource ? `${name} with subresource ${JSON.stringify(subresource)}` : name
  return operation === 'Update' ? `${whole} using ${apiVersion}` : whole
}
