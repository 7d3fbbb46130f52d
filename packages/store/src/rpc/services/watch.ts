import { WatchRequest, WatchResponse } from '../../wire/watch.js'
import type { EtcdServer } from '../etcd-server.js'
import type { RpcLimits } from '../limits.js'
import { ResponseHeaders } from '../response-header.js'
import { bidi, type Service } from '../service.js'
import { WatchEncoder } from '../watch/watch-encoder.js'
import { WatchStream } from '../watch/watch-stream.js'

export function watchService(server: EtcdServer, limits: RpcLimits): Service {
  const headers = new ResponseHeaders(server)
  const options = { server, headers, limits, encoder: new WatchEncoder(headers) }
  return {
    name: 'etcdserverpb.Watch',
    methods: [
      bidi('Watch', WatchRequest, WatchResponse, (stream) => new WatchStream(options, stream)),
    ],
  }
}
