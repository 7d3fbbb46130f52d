import {
  type ApiResponse,
  badRequest,
  type FieldError,
  forbiddenField,
  internalError,
  invalid,
  invalidValue,
  notFound,
  type Pod,
  serviceUnavailable,
} from '@miniplane/api'
import { queryBoolean, queryInteger } from '../negotiation/query.js'
import { textResponse } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import type { Scope, Services } from './scope.js'

/** Subresources that reach into a node: they are no views of the object. */
export const CONNECTIONS = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

/** Those that lead to one container and not to the Pod. */
const CONTAINER_CONNECTIONS = new Set(['log', 'exec', 'attach'])

/**
 * What the server itself answers to log, exec, attach, port-forward and proxy, without a kubelet.
 * Hollow containers print nothing, so that their log is empty.
 */
export async function handleConnect(
  _services: Services,
  scope: Scope,
  { request: { query } }: RequestContext,
): Promise<ApiResponse> {
  const { definition, resource, namespace, name, subresource } = scope
  const isLog = subresource?.name === 'log'
  if (isLog) checkLogOptions(query, name)
  const stored = await resource.storage.get(namespace, name)
  if (!stored) throw notFound(definition, name)
  if (definition.resource === 'services')
    throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  if (definition.resource !== 'pods') throw unreachable(name)
  const pod = stored.object as unknown as Pod
  const container = CONTAINER_CONNECTIONS.has(subresource?.name ?? '')
    ? containerOf(pod, query.get('container') ?? '')
    : ''
  const { nodeName } = pod.spec
  if (isLog) {
    if (!nodeName) return { status: 204, headers: {}, body: { kind: 'none' } }
    checkOutput(pod, container, queryBoolean(query, 'previous'))
    return textResponse(200, '', 'text/plain')
  }
  if (!nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
  throw unreachable(nodeName)
}

const unreachable = (node: string) =>
  internalError(`error dialing backend: node ${node} runs no containers to connect to`)

/** Throws 400 for numbers that are none and 422 for those that make no sense. */
function checkLogOptions(query: URLSearchParams, name: string): void {
  const errors: FieldError[] = []
  const tailLines = queryInteger(query, 'tailLines')
  if (tailLines !== undefined && tailLines < 0)
    errors.push(invalidValue('tailLines', tailLines, 'must be greater than or equal to 0'))
  const limitBytes = queryInteger(query, 'limitBytes')
  if (limitBytes !== undefined && limitBytes < 1)
    errors.push(invalidValue('limitBytes', limitBytes, 'must be greater than 0'))
  const sinceSeconds = queryInteger(query, 'sinceSeconds')
  if (sinceSeconds !== undefined && query.has('sinceTime'))
    errors.push(
      forbiddenField('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'),
    )
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    errors.push(invalidValue('sinceSeconds', sinceSeconds, 'must be greater than 0'))
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, name, errors)
}

/** The container asked for, else the only one. */
function containerOf({ metadata, spec }: Pod, asked: string): string {
  const { name } = metadata
  const containers = (spec.containers ?? []).map((one) => one.name)
  const first = (spec.initContainers ?? []).map((one) => one.name)
  if (asked !== '') {
    const others = (spec.ephemeralContainers ?? []).map((one) => one.name)
    if ([...containers, ...first, ...others].includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const [only, ...rest] = containers
  if (only !== undefined && rest.length === 0) return only
  const choice = only === undefined ? '' : `, choose one of: [${containers.join(' ')}]`
  const more =
    choice === '' || first.length === 0
      ? ''
      : ` or one of the init containers: [${first.join(' ')}]`
  throw badRequest(`a container name must be specified for pod ${name}${choice}${more}`)
}

/** What has not run has printed nothing, and a kubelet says so. */
function checkOutput({ metadata, status }: Pod, container: string, previous: boolean): void {
  const {
    containerStatuses = [],
    initContainerStatuses = [],
    ephemeralContainerStatuses = [],
  } = status ?? {}
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]
  const found = all.find(({ name }) => name === container)
  if (previous && !found?.lastState?.terminated) {
    throw badRequest(
      `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(metadata.name)} not found`,
    )
  }
  const waiting = found?.state?.waiting
  if (!waiting || found?.lastState?.terminated) return
  throw badRequest(
    `container ${JSON.stringify(container)} in pod ${JSON.stringify(metadata.name)} is waiting to start: ${waiting.reason || 'no reason given'}`,
  )
}
