import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { forwardPorts, portPair } from '../streams/forward-ports.js'
import { findPod } from '../workload/find-pod.js'

export const portForward = defineCommand({
  usage:
    'port-forward TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  summary: 'Forward one or more local ports to a pod',
  flags: {
    address: flag.slice('Addresses to listen on (comma separated).', { default: ['localhost'] }),
    podRunningTimeout: flag.duration(
      'The length of time to wait until at least one pod is running',
      { default: 60_000 },
    ),
  },
  async run(session, { args, flags, path }) {
    const [target, ...ports] = args
    if (target === undefined || ports.length === 0) {
      throw usageError(path, 'TYPE/NAME and list of ports are required for port-forward')
    }
    const pod = await findPod(session, target)
    const phase = pod.status?.phase
    if (phase !== 'Running') {
      throw new CommandError(
        `unable to forward port because pod is not running. Current status=${phase}`,
      )
    }
    await forwardPorts(session, pod, ports.map(portPair), flags.address)
  },
})
