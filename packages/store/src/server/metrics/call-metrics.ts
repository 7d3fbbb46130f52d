import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { GrpcCallType, GrpcMethodMetrics, Metrics } from '../../metrics/metrics.js'
import type { CallObserver } from '../../rpc/call-observer.js'
import type { Method, RpcCaller, Service } from '../../rpc/service.js'

const TYPES: Readonly<Record<Method['kind'], GrpcCallType>> = {
  unary: 'unary',
  serverStream: 'server_stream',
  bidi: 'bidi_stream',
}

/** Counts the calls of clients. */
export function callMetrics({ grpc, network }: Metrics, log: Log): CallObserver {
  const known = new Map<Method, GrpcMethodMetrics>()
  const metricsOf = (service: Service, method: Method): GrpcMethodMetrics => {
    let metrics = known.get(method)
    if (metrics === undefined) {
      metrics = grpc.method(TYPES[method.kind], service.name, method.name)
      known.set(method, metrics)
    }
    return metrics
  }
  return {
    started: (service, method) => metricsOf(service, method).started.add(),
    received: (bytes) => network.clientReceivedBytes.add(bytes),
    sent: (bytes) => network.clientSentBytes.add(bytes),
    handled: (service, method, code) => metricsOf(service, method).handled(code),
    failed: (service, method, error) =>
      log.error('a request failed for a reason of ours', {
        method: `/${service.name}/${method.name}`,
        error: error instanceof Error ? error.stack : error,
      }),
  }
}

/** Measures how long calls take: `--metrics extensive`. A stream takes as long as it lives. */
export const timeCalls = (
  services: readonly Service[],
  { grpc }: Metrics,
  clock: Clock,
): Service[] =>
  services.map((service) => ({
    ...service,
    methods: service.methods.map((method) => {
      if (method.kind !== 'unary') return method
      const { seconds } = grpc.method(TYPES.unary, service.name, method.name)
      return {
        ...method,
        async handle(request: unknown, caller: RpcCaller) {
          const begunMs = clock.now()
          try {
            return await method.handle(request, caller)
          } finally {
            seconds.observe((clock.now() - begunMs) / 1000)
          }
        },
      }
    }),
  }))
