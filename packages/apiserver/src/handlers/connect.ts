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
import { queryInteger } from '../negotiation/query.js'
import { textResponse } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import type { Scope, Services } from './scope.js'

/** Subresources that reach into a node: they are no views of the object. */
export const CONNECTIONS = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

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
  if (isLog) checkContainer(pod, query.get('container') ?? '')
  const { nodeName } = pod.spec
  if (isLog)
    return nodeName
      ? textResponse(200, '', 'text/plain')
      : { status: 204, headers: {}, body: { kind: 'none' } }
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

function checkContainer({ metadata, spec }: Pod, container: string): void {
  const { name } = metadata
  const containers = (spec.containers ?? []).map((one) => one.name)
  if (container === '') {
    if (containers.length > 1)
      throw badRequest(
        `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]`,
      )
    return
  }
  const others = [...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  if (!containers.includes(container) && !others.some((one) => one.name === container))
    throw badRequest(`container ${container} is not valid for pod ${name}`)
}
