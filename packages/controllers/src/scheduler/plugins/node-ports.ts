import { onChangedNode } from '../framework/hints.js'
import { FITS, type FilterPlugin, unschedulable } from '../framework/plugin.js'
import { clash } from '../snapshot/host-ports.js'

const TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports")

/** No two Pods on a node may want the same host port. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  retryOn: ['node/added', 'pod/removed'],
  mayHelp: onChangedNode,
  prefilter({ hostPorts }) {
    if (hostPorts.length === 0) return undefined
    return {
      filter(node) {
        for (const other of node.pods.values()) {
          const taken = other.hostPorts.some((port) => hostPorts.some((own) => clash(port, own)))
          if (taken) return TAKEN
        }
        return FITS
      },
    }
  },
}
