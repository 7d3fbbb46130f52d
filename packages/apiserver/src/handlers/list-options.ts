import {
  badRequest,
  type FieldError,
  type FieldMatcher,
  FieldPath,
  forbiddenField,
  invalid,
  type KubeObject,
  type LabelMatcher,
  notSupported,
  parseFieldSelector,
  parseLabelSelector,
  SelectorError,
  type StatusError,
} from '@miniplane/api'
import { queryBoolean, queryInteger } from '../negotiation/query.js'
import { plainServerError } from '../plain-server-error.js'
import { parseResourceVersion, ResourceVersionError } from '../registry/generic/resource-version.js'
import type { Resource } from '../registry/resource.js'
import type { WatchScope } from '../watch-cache/watcher-index.js'
import type { Scope } from './scope.js'

/** `meta/v1 ListOptions` from the query, validated. */
export interface ListOptions {
  readonly labels: LabelMatcher | undefined
  readonly fields: FieldMatcher | undefined
  readonly limit: number
  readonly continue: string
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
  /** Undefined: not said. */
  readonly sendInitialEvents: boolean | undefined
  readonly allowWatchBookmarks: boolean
  readonly timeoutSeconds: number | undefined
}

/** Throws 400 for what can't be parsed and 422 for what does not go together. */
export function listOptionsOf(query: URLSearchParams, scope: Scope, isWatch: boolean): ListOptions {
  if (query.size === 0) return NO_OPTIONS
  const sendInitialEvents = query.has('sendInitialEvents')
    ? queryBoolean(query, 'sendInitialEvents')
    : undefined
  // What is no number is found before what is no selector.
  const timeoutSeconds = queryInteger(query, 'timeoutSeconds')
  const limit = queryInteger(query, 'limit') ?? 0
  const options = {
    labels: selector(query.get('labelSelector'), parseLabelSelector),
    fields: selector(query.get('fieldSelector'), parseFieldSelector),
    limit: Math.max(limit, 0),
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents,
    allowWatchBookmarks: queryBoolean(query, 'allowWatchBookmarks'),
    timeoutSeconds,
  }
  const errors = isWatch ? watchErrors(options) : listErrors(options)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  checkFieldLabels(options.fields, scope.resource)
  checkName(options.fields, scope.name)
  return options
}

/** Who may watch one object is asked about the name in the path: a selector can't mean another. */
function checkName(fields: FieldMatcher | undefined, name: string): void {
  if (name === '' || !fields || fields.isEverything) return
  if (fields.exactValue('metadata.name') !== name)
    throw badRequest("fieldSelector metadata.name doesn't match requested name")
}

const NO_OPTIONS: ListOptions = {
  labels: undefined,
  fields: undefined,
  limit: 0,
  continue: '',
  resourceVersion: '',
  resourceVersionMatch: '',
  sendInitialEvents: undefined,
  allowWatchBookmarks: false,
  timeoutSeconds: undefined,
}

function selector<T>(text: string | null, parse: (text: string) => T): T | undefined {
  if (!text) return undefined
  try {
    return parse(text)
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message)
    throw error
  }
}

const MATCH = FieldPath.of('resourceVersionMatch')
const INITIAL = FieldPath.of('sendInitialEvents')

function listErrors(options: ListOptions): FieldError[] {
  const { resourceVersionMatch: match, resourceVersion } = options
  const errors: FieldError[] = []
  const refuse = (detail: string) => errors.push(forbiddenField(MATCH, detail))
  if (match !== '') {
    if (resourceVersion === '')
      refuse('resourceVersionMatch is forbidden unless resourceVersion is provided')
    if (options.continue !== '')
      refuse('resourceVersionMatch is forbidden when continue is provided')
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']))
    if (match === 'Exact' && resourceVersion === '0')
      refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
  if (options.sendInitialEvents !== undefined)
    errors.push(forbiddenField(INITIAL, 'sendInitialEvents is forbidden for list'))
  return errors
}

function watchErrors(options: ListOptions): FieldError[] {
  const { resourceVersionMatch: match, sendInitialEvents } = options
  const errors: FieldError[] = []
  const refuse = (detail: string) => errors.push(forbiddenField(MATCH, detail))
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan')
    refuse('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')
  if (match !== '') {
    if (sendInitialEvents === undefined)
      refuse('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')
    if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']))
  }
  if (options.continue !== '') refuse('resourceVersionMatch is forbidden when continue is provided')
  return errors
}

function checkFieldLabels(
  fields: FieldMatcher | undefined,
  { strategy, definition }: Resource,
): void {
  for (const { field } of fields?.requirements ?? []) {
    if (field === 'metadata.name') continue
    // Kinds that say themselves what can be selected say no more than they have.
    const isKnown = definition.namespaced || !strategy.selectableFields
    if (field === 'metadata.namespace' && isKnown) continue
    if (!strategy.selectableFields)
      throw badRequest(
        `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
      )
    if (!Object.hasOwn(strategy.selectableFields, field))
      throw badRequest(strategy.unknownField?.(field) ?? `field label not supported: ${field}`)
  }
}

/** A list's resourceVersion as a number. Throws 400 with the real server's words. */
export const versionOrBadRequest = (text: string): number =>
  versionOr(text, (problem) => badRequest(`invalid resource version: ${problem}`))

/** The same for a get or a watch, where the fault counts as the server's: throws 500. */
export const versionOrServerError = (text: string): number => versionOr(text, plainServerError)

function versionOr(text: string, failure: (problem: string) => StatusError): number {
  try {
    return parseResourceVersion(text)
  } catch (error) {
    if (!(error instanceof ResourceVersionError)) throw error
    throw failure(`resourceVersion: Invalid value: ${JSON.stringify(text)}: ${error.message}`)
  }
}

/**
 * Which objects a list or watch is about. A selector for one name or namespace narrows the scope;
 * what remains of the selectors becomes `matches`.
 */
export function watchScopeOf(scope: Scope, { labels, fields }: ListOptions): WatchScope {
  const { definition, resource } = scope
  const name = fields?.exactValue('metadata.name') ?? (scope.name || undefined)
  const onlyNamespace = fields?.exactValue('metadata.namespace')
  const namespace = definition.namespaced ? (scope.namespace ?? onlyNamespace) : ''
  return { namespace, name, matches: matcher(resource, labels, fields) }
}

function matcher(
  resource: Resource,
  labels: LabelMatcher | undefined,
  fields: FieldMatcher | undefined,
): ((object: KubeObject) => boolean) | undefined {
  const matchesLabels =
    labels && !labels.isEverything
      ? (object: KubeObject) => labels.matches(object.metadata.labels)
      : undefined
  if (!fields || fields.isEverything) return matchesLabels
  const matchesFields = (object: KubeObject) =>
    fields.matches((field) => fieldValue(resource, object, field))
  if (!matchesLabels) return matchesFields
  return (object) => matchesLabels(object) && matchesFields(object)
}

function fieldValue({ strategy }: Resource, object: KubeObject, field: string): string | undefined {
  if (field === 'metadata.name') return object.metadata.name
  if (field === 'metadata.namespace') return object.metadata.namespace
  return strategy.selectableFields?.[field]?.(object)
}
