import type { Command } from '../command.js'

/** The version of etcd whose formats these are. */
const VERSION = '3.6.0'
const API_VERSION = '3.6'

export const version: Command = {
  name: 'version',
  usage: '',
  summary: 'Prints the version of etcdutl',
  flags: {},
  async run(_args, _flags, out) {
    out.line(`etcdutl version: ${VERSION}`)
    out.line(`API version: ${API_VERSION}`)
  },
}
