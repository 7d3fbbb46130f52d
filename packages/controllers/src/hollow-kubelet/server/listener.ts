import { createHash } from 'node:crypto'
import type { Container, Pod } from '@miniplane/api'

/** A port of a container behind which somebody answers. */
export interface Listener {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly port: number
}

/** Images that everybody knows to listen, whether their Pods say so or not. */
const LISTENING_IMAGES: Readonly<Record<string, number>> = { nginx: 80, httpd: 80 }

/** Who listens at a port of a Pod: a container that runs and declares it. */
export function listenerAt(
  { metadata, spec }: Pod,
  port: number,
  isRunning: (container: string) => boolean,
): Listener | undefined {
  const sidecars = (spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always')
  for (const container of [...spec.containers, ...sidecars]) {
    if (!portsOf(container).includes(port) || !isRunning(container.name)) continue
    const { name = '', namespace = '' } = metadata
    return { namespace, pod: name, container: container.name, port }
  }
  return undefined
}

function portsOf({ image = '', ports = [] }: Container): number[] {
  const declared = ports
    .filter(({ protocol }) => protocol === undefined || protocol === 'TCP')
    .map(({ containerPort }) => containerPort)
  const name = image.slice(image.lastIndexOf('/') + 1).split(/[:@]/)[0] ?? ''
  const known = LISTENING_IMAGES[name]
  return known === undefined ? declared : [...declared, known]
}

/** What a runtime says when it forwards to a port at which nobody listens. */
export function refusedText({ metadata }: Pod, port: number): string {
  const sandbox = createHash('sha256').update(`sandbox ${metadata.uid}`).digest('hex')
  const netns = `/var/run/netns/cni-${metadata.uid}`
  const refused = 'connect: connection refused'
  const tried = `IPv4: dial tcp4 127.0.0.1:${port}: ${refused} IPv6 dial tcp6 [::1]:${port}: ${refused} `
  return `error forwarding port ${port} to pod ${sandbox}, uid : failed to execute portforward in network namespace "${netns}": failed to connect to localhost:${port} inside namespace "${sandbox}", ${tried}`
}
