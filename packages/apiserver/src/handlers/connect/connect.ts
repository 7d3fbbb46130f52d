import { type ApiResponse, notFound, type Pod, serviceUnavailable } from '@miniplane/api'
import type { RequestContext } from '../../pipeline/stage.js'
import type { Scope, Services } from '../scope.js'
import { connectCommand, connectPorts } from './conversation.js'
import { handleLog } from './log.js'
import { dialNode } from './node.js'

/** Subresources that reach into a node: they are no views of the object. */
export const CONNECTIONS = new Set(['log', 'exec', 'attach', 'portforward', 'proxy'])

/** Answers log, exec, attach, port-forward and proxy with what the object's node says. */
export function handleConnect(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  switch (scope.subresource?.name) {
    case 'log':
      return handleLog(services, scope, context)
    case 'exec':
    case 'attach':
      return connectCommand(services, scope, context)
    case 'portforward':
      return connectPorts(services, scope, context)
    default:
      return handleProxy(services, scope)
  }
}

async function handleProxy(services: Services, scope: Scope): Promise<ApiResponse> {
  const { definition, resource, namespace, name } = scope
  const stored = await resource.storage.get(namespace, name)
  if (!stored) throw notFound(definition, name)
  if (definition.resource === 'services')
    throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
  const node =
    definition.resource === 'pods' ? (stored.object as unknown as Pod).spec.nodeName : name
  await dialNode(services, node ?? '', () => 'error trying to reach service')
  throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`)
}
