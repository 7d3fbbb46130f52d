import type { Pod } from '@miniplane/api'

export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

const ANY_IP = '0.0.0.0'

export function hostPortsOf(pod: Pod): HostPort[] {
  const ports: HostPort[] = []
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
  for (const container of [...sidecars, ...pod.spec.containers]) {
    for (const { hostPort, hostIP, protocol } of container.ports ?? []) {
      if (!hostPort) continue
      ports.push({ ip: hostIP || ANY_IP, protocol: protocol ?? 'TCP', port: hostPort })
    }
  }
  return ports
}

/** Two claims on one port clash when they are for the same address, or either is for all. */
export const clash = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port &&
  a.protocol === b.protocol &&
  (a.ip === b.ip || a.ip === ANY_IP || b.ip === ANY_IP)
