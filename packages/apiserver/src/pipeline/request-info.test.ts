import { describe, expect, it } from 'vitest'
import { type RequestInfo, requestInfoOf } from './request-info.js'

const infoOf = (method: string, url: string): RequestInfo => {
  const [path = '', query = ''] = url.split('?')
  const signal = new AbortController().signal
  return requestInfoOf({ method, path, query: new URLSearchParams(query), headers: {}, signal })
}

describe('requestInfoOf', () => {
  it.each<[string, string, Partial<RequestInfo>]>([
    [
      'GET',
      '/api/v1/pods',
      { verb: 'list', group: '', version: 'v1', resource: 'pods', namespace: '' },
    ],
    ['GET', '/api/v1/pods?watch=1', { verb: 'watch' }],
    ['GET', '/api/v1/pods?watch=0', { verb: 'list' }],
    ['GET', '/api/v1/namespaces/a/pods/p', { verb: 'get', namespace: 'a', name: 'p' }],
    [
      'GET',
      '/api/v1/namespaces/a',
      { verb: 'get', resource: 'namespaces', name: 'a', namespace: 'a' },
    ],
    [
      'PUT',
      '/api/v1/namespaces/a/finalize',
      { verb: 'update', resource: 'namespaces', subresource: 'finalize' },
    ],
    [
      'POST',
      '/apis/apps/v1/namespaces/a/deployments',
      { verb: 'create', group: 'apps', resource: 'deployments' },
    ],
    [
      'PATCH',
      '/apis/apps/v1/namespaces/a/deployments/d/scale',
      { verb: 'patch', subresource: 'scale' },
    ],
    ['DELETE', '/api/v1/namespaces/a/pods', { verb: 'deletecollection' }],
    ['GET', '/api/v1/watch/namespaces/a/pods/p', { verb: 'watch', namespace: 'a', name: 'p' }],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3Dp', { verb: 'list', name: 'p' }],
    ['GET', '/api/v1/namespaces/a/services/a%3Ab/proxy/x/y', { name: 'a:b', subresource: 'proxy' }],
    ['GET', '/api/v1/namespaces/a%2Fpods', { namespace: 'a', resource: 'pods' }],
    ['GET', '/api/v1/namespaces//pods', { verb: 'list', namespace: '', resource: 'pods' }],
    ['GET', '/api/v1//pods', { resource: '', name: 'pods' }],
    ['GET', '/api/v1/pods/', { verb: 'list', resource: 'pods', name: '' }],
    [
      'DELETE',
      '/api/v1/pods?fieldSelector=metadata.name%3Dp',
      { verb: 'deletecollection', name: '' },
    ],
  ])('%s %s', (method, url, expected) => {
    expect(infoOf(method, url)).toMatchObject({ isResource: true, ...expected })
  })

  it.each(['/', '/healthz', '/api', '/api/v1', '/apis', '/apis/apps/v1', '/metrics'])(
    '%s is no resource',
    (path) => {
      expect(infoOf('GET', path)).toMatchObject({ isResource: false, verb: 'get', path })
    },
  )
})
