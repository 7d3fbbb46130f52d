import type { Counter, GrpcMetrics, NetworkMetrics, PeerMetrics } from '../../metrics/metrics.js'
import { exponential, type MetricFactory } from './factory.js'

/** `localId` is this member's id, as a label of some. */
export function networkMetrics(factory: MetricFactory, localId: () => string): NetworkMetrics {
  const name = (rest: string) => `etcd_network_${rest}`
  const counters = (rest: string, help: string, label: string) =>
    factory.counters(name(rest), help, [label])
  const sent = counters('peer_sent_bytes_total', 'Bytes sent to a peer.', 'To')
  const received = counters('peer_received_bytes_total', 'Bytes received from a peer.', 'From')
  const sendFailures = counters('peer_sent_failures_total', 'Messages not sent.', 'To')
  const receiveFailures = counters('peer_received_failures_total', 'Bad messages.', 'From')
  const roundTrips = factory.histograms(
    name('peer_round_trip_time_seconds'),
    'How long a peer takes to answer.',
    ['To'],
    exponential(0.0001, 2, 16),
  )
  const active = factory.gauges(name('active_peers'), 'Peers that can be reached: 1 or 0.', [
    'Local',
    'Remote',
  ])
  const disconnects = factory.counters(name('disconnected_peers_total'), 'Peers lost.', [
    'Local',
    'Remote',
  ])
  const peers = new Map<string, PeerMetrics>()
  const open = (id: string): PeerMetrics => ({
    sentBytes: { add: (count = 1) => sent.inc({ To: id }, count) },
    receivedBytes: { add: (count = 1) => received.inc({ From: id }, count) },
    sendFailures: { add: (count = 1) => sendFailures.inc({ To: id }, count) },
    receiveFailures: { add: (count = 1) => receiveFailures.inc({ From: id }, count) },
    roundTripSeconds: { observe: (value) => roundTrips.observe({ To: id }, value) },
    active: { set: (value) => active.set({ Local: localId(), Remote: id }, value) },
    disconnects: { add: (count = 1) => disconnects.inc({ Local: localId(), Remote: id }, count) },
  })
  return {
    peer(id) {
      const known = peers.get(id) ?? open(id)
      peers.set(id, known)
      return known
    },
    snapshotSendsInFlight: factory.gauge(
      name('snapshot_send_inflights_total'),
      'Snapshots on their way to peers.',
    ),
    snapshotReceivesInFlight: factory.gauge(
      name('snapshot_receive_inflights_total'),
      'Snapshots on their way from peers.',
    ),
    clientReceivedBytes: factory.counter(
      name('client_grpc_received_bytes_total'),
      'Bytes received from clients.',
    ),
    clientSentBytes: factory.counter(
      name('client_grpc_sent_bytes_total'),
      'Bytes sent to clients.',
    ),
  }
}

const METHOD = ['grpc_type', 'grpc_service', 'grpc_method'] as const

export function grpcMetrics(factory: MetricFactory, isExtensive: boolean): GrpcMetrics {
  const name = (rest: string) => `grpc_server_${rest}_total`
  const started = factory.tallies(name('started'), 'Calls begun.', METHOD)
  const handled = factory.tallies(name('handled'), 'Calls answered.', [...METHOD, 'grpc_code'])
  const received = factory.tallies(name('msg_received'), 'Messages received.', METHOD)
  const sent = factory.tallies(name('msg_sent'), 'Messages sent.', METHOD)
  const seconds = isExtensive
    ? factory.histograms(
        'grpc_server_handling_seconds',
        'How long a call takes.',
        [...METHOD],
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      )
    : undefined
  return {
    method(grpc_type, grpc_service, grpc_method) {
      const labels = { grpc_type, grpc_service, grpc_method }
      const took = seconds?.labels(labels)
      // Looking up labels by name costs more than counting.
      const byCode = new Map<string, Counter>()
      return {
        started: started(labels),
        received: received(labels),
        sent: sent(labels),
        seconds: { observe: (value) => took?.observe(value) },
        handled(grpc_code) {
          let counter = byCode.get(grpc_code)
          if (counter === undefined) {
            counter = handled({ ...labels, grpc_code })
            byCode.set(grpc_code, counter)
          }
          counter.add()
        },
      }
    },
  }
}
