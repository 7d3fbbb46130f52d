import type { KubeObject } from '@miniplane/api'
import { type Scope, type Services, writeContextOf } from '../handlers/scope.js'
import { requestInfoOf } from '../pipeline/request-info.js'
import type { RequestContext } from '../pipeline/stage.js'
import type { Resource } from '../registry/resource.js'
import type { WriteContext } from '../registry/write-context.js'

/** For a write of `object` by the server, as part of `request`. */
export function ownWrite(
  services: Services,
  resource: Resource,
  { metadata: { namespace, name = '' } }: KubeObject,
  request: RequestContext,
): WriteContext {
  const { definition } = resource
  const scope: Scope = { definition, resource, namespace, name, subresource: undefined }
  return writeContextOf(services, scope, request, {}, false)
}

/** The request of nobody: the server writes on its own account. */
export function serverContext(): RequestContext {
  const request = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'user-agent': 'kube-apiserver' },
    signal: new AbortController().signal,
  }
  return {
    request,
    auditId: '',
    info: requestInfoOf(request),
    user: { name: 'system:apiserver', groups: ['system:masters'] },
    warnings: [],
  }
}
