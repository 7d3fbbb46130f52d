import { field, message } from './message.js'
import { enumOf, string } from './scalars.js'

/** gRPC's health checks. Source: gRPC, grpc.health.v1. */

export const HealthCheckRequest = message('grpc.health.v1.HealthCheckRequest', {
  service: field(1, string),
})

export const HealthCheckResponse = message('grpc.health.v1.HealthCheckResponse', {
  status: field(
    1,
    enumOf({
      unknown: [0, 'UNKNOWN'],
      serving: [1, 'SERVING'],
      notServing: [2, 'NOT_SERVING'],
      serviceUnknown: [3, 'SERVICE_UNKNOWN'],
    }),
  ),
})
