import { HealthCheckRequest, HealthCheckResponse } from '../../wire/health.js'
import { aborted } from '../aborted.js'
import { type Service, serverStream, unary } from '../service.js'
import { StatusError } from '../status.js'

/** Whoever answers is healthy: etcd has one status, that of the server as a whole (''). */
export function healthService(): Service {
  return {
    name: 'grpc.health.v1.Health',
    methods: [
      unary('Check', HealthCheckRequest, HealthCheckResponse, async ({ service }) => {
        if (service !== '') throw new StatusError('NotFound', 'unknown service')
        return { status: 'serving' as const }
      }),
      serverStream(
        'Watch',
        HealthCheckRequest,
        HealthCheckResponse,
        async function* ({ service }, { signal }) {
          yield { status: service === '' ? ('serving' as const) : ('serviceUnknown' as const) }
          if (signal !== undefined) await aborted(signal)
        },
      ),
    ],
  }
}
