import type { ApiResponse } from '@miniplane/api'
import type { RequestContext } from '../../pipeline/stage.js'
import type { Scope, Services } from '../scope.js'
import { connectCommand, connectPorts } from './conversation.js'
import { handleLog } from './log.js'
import { handleProxy } from './proxy.js'

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
      return handleProxy(services, scope, context)
  }
}
