import type { Service } from '@miniplane/api'
import { expect, it } from 'vitest'
import { serviceVariables } from './service-variables.js'

const service = (name: string, spec: object) => ({ metadata: { name }, spec }) as Service

it('a Service is told of by its first port and by each', () => {
  const ports = [
    { name: 'http-web', port: 80 },
    { port: 53, protocol: 'UDP' },
  ]
  const variables = serviceVariables([service('my-web', { clusterIP: '10.96.0.7', ports })])
  expect(Object.fromEntries(variables)).toEqual({
    MY_WEB_SERVICE_HOST: '10.96.0.7',
    MY_WEB_SERVICE_PORT: '80',
    MY_WEB_SERVICE_PORT_HTTP_WEB: '80',
    MY_WEB_PORT: 'tcp://10.96.0.7:80',
    MY_WEB_PORT_80_TCP: 'tcp://10.96.0.7:80',
    MY_WEB_PORT_80_TCP_PROTO: 'tcp',
    MY_WEB_PORT_80_TCP_PORT: '80',
    MY_WEB_PORT_80_TCP_ADDR: '10.96.0.7',
    MY_WEB_PORT_53_UDP: 'udp://10.96.0.7:53',
    MY_WEB_PORT_53_UDP_PROTO: 'udp',
    MY_WEB_PORT_53_UDP_PORT: '53',
    MY_WEB_PORT_53_UDP_ADDR: '10.96.0.7',
  })
})

it.each([
  ['without an address of its own', { clusterIP: 'None', ports: [{ port: 80 }] }],
  ['without an address', { type: 'ExternalName', externalName: 'a.b', ports: [{ port: 80 }] }],
])('one %s is not told of', (_, spec) => {
  expect(serviceVariables([service('a', spec)]).size).toBe(0)
})
