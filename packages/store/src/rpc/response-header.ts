import type { Header } from '../client/store-client.js'
import type { ResponseHeader } from '../wire/kv.js'
import type { EtcdServer } from './etcd-server.js'

/** Fills the headers of responses, as etcd does everywhere but where a service says otherwise. */
export class ResponseHeaders {
  readonly #server: EtcdServer

  constructor(server: EtcdServer) {
    this.#server = server
  }

  /** A header with this revision. */
  at({ revision }: Header): ResponseHeader {
    const { clusterId, memberId, raftTerm } = this.#server.identity()
    return { clusterId, memberId, revision, raftTerm }
  }

  /** With the revision that this member is at. */
  now(): ResponseHeader {
    return this.at(this.#server.header())
  }

  /** Without a revision: what the header of a response about members looks like. */
  ofMember(): ResponseHeader {
    return this.at({ revision: 0 })
  }
}
