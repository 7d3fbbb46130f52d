import * as wire from '../../wire/maintenance.js'
import type { EtcdServer, SnapshotStream } from '../etcd-server.js'
import { ResponseHeaders } from '../response-header.js'
import { type Service, serverStream, unary } from '../service.js'
import { StatusError } from '../status.js'

/** Of a database file, in one message. */
const SNAPSHOT_CHUNK_BYTES = 32 * 1024

/** Source: etcd, api/v3rpc/maintenance.go. */
export function maintenanceService(server: EtcdServer): Service {
  const headers = new ResponseHeaders(server)
  const { maintenance } = server
  return {
    name: 'etcdserverpb.Maintenance',
    methods: [
      unary('Alarm', wire.AlarmRequest, wire.AlarmResponse, async (request, caller) => {
        const { header, alarms } = await maintenance.alarm(request, caller)
        return { header: headers.at(header), alarms }
      }),
      unary('Status', wire.StatusRequest, wire.StatusResponse, async (_, caller) => {
        const status = await maintenance.status(caller)
        return {
          ...status,
          header: headers.now(),
          storageVersion: storageVersion(status.version),
        }
      }),
      unary('Defragment', wire.DefragmentRequest, wire.DefragmentResponse, async (_, caller) => {
        await maintenance.defragment(caller)
        return {}
      }),
      unary('Hash', wire.HashRequest, wire.HashResponse, async (_, caller) => {
        const { header, hash } = await maintenance.hash(caller)
        return { header: headers.at(header), hash }
      }),
      unary('HashKV', wire.HashKVRequest, wire.HashKVResponse, async ({ revision }, caller) => {
        const answer = await maintenance.hashKv(revision, caller)
        return { ...answer, header: headers.at(answer.header) }
      }),
      serverStream(
        'Snapshot',
        wire.SnapshotRequest,
        wire.SnapshotResponse,
        async function* (_, caller) {
          const { version } = await maintenance.status(caller)
          for await (const part of inParts(await maintenance.snapshot(caller))) {
            yield { ...part, version: storageVersion(version) }
          }
        },
      ),
      unary(
        'MoveLeader',
        wire.MoveLeaderRequest,
        wire.MoveLeaderResponse,
        async ({ targetId }, caller) => {
          await maintenance.moveLeader(targetId, caller)
          return {}
        },
      ),
      unary(
        'Downgrade',
        wire.DowngradeRequest,
        wire.DowngradeResponse,
        async ({ action, version }, caller) => {
          if (action.startsWith('?')) {
            throw new StatusError('InvalidArgument', 'etcdserver: unknown downgrade action')
          }
          const answer = await maintenance.downgrade(action, version, caller)
          return { header: headers.at(answer.header), version: answer.version }
        },
      ),
    ],
  }
}

/** Files change with the minor version: `3.6.1` → `3.6.0`. */
const storageVersion = (version: string): string => `${version.split('.').slice(0, 2).join('.')}.0`

/** The database, in messages that no client has to refuse for their size. */
async function* inParts({ sizeBytes, chunks }: SnapshotStream) {
  let sent = 0
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += SNAPSHOT_CHUNK_BYTES) {
      const blob = chunk.subarray(start, start + SNAPSHOT_CHUNK_BYTES)
      sent += blob.length
      yield { remainingBytes: Math.max(sizeBytes - sent, 0), blob }
    }
  }
}
