import { FieldPath, internalError, invalid, invalidValue, type Service } from '@miniplane/api'
import { plainServerError } from '../../plain-server-error.js'
import type { StrategyContext } from '../strategy.js'
import type { PortRange } from './service-ranges.js'
import { hasNodePorts, needsHealthCheckPort, needsNodePort } from './service-types.js'

const PORTS = FieldPath.of('spec', 'ports')
const FULL = 'range is full'
/** What a dry run shows in place of a port that it does not look for. */
const DRY_RUN_PORT = 32769

/**
 * Takes the node ports that `draft` names or needs, and returns what gives them back. Throws a
 * `StatusError` for those it can't have. What `stored` has stays with its Service.
 */
export function takePorts(
  range: PortRange,
  draft: Service,
  stored: Service | undefined,
  context: StrategyContext,
): () => void {
  const ports = new PortsOfWrite(range, context)
  const { spec } = draft
  try {
    if (hasNodePorts(spec)) {
      if (stored) changeNodePorts(draft, stored, ports)
      else initNodePorts(draft, ports)
    }
    const hadCheck = stored !== undefined && needsHealthCheckPort(stored.spec)
    if (needsHealthCheckPort(spec) && !hadCheck) takeHealthCheckPort(spec, ports)
  } catch (error) {
    ports.giveBack()
    throw error
  }
  return () => ports.giveBack()
}

/** One write's ports. A dry run asks whether somebody has one, and makes up those it would get. */
class PortsOfWrite {
  readonly #taken: number[] = []

  constructor(
    private readonly range: PortRange,
    private readonly context: StrategyContext,
  ) {}

  /** Undefined when it is taken now, else what is wrong. */
  take(port: number): string | undefined {
    const fault = this.range.take(port, this.context.dryRun)
    if (fault === undefined) this.#taken.push(port)
    return fault
  }

  /** Undefined when none is left. */
  takeAny(): number | undefined {
    const { dryRun, random } = this.context
    const port = dryRun
      ? Math.max(DRY_RUN_PORT - 1, ...this.#taken) + 1
      : this.range.takeAny(random)
    if (port !== undefined) this.#taken.push(port)
    return port
  }

  giveBack(): void {
    for (const port of this.#taken.splice(0)) this.range.release(port)
  }
}

/** One number serves a port of a new Service in all of its protocols. */
function initNodePorts(service: Service, ports: PortsOfWrite): void {
  const { spec } = service
  const given = new Map<number, number>()
  for (const [i, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !needsNodePort(spec)) continue
    const shared = given.get(port.port)
    if (shared === undefined) {
      const wanted = spec.ports?.find((one) => one.port === port.port && one.nodePort)?.nodePort
      if (wanted) takeNamed(service, i, wanted, ports)
      port.nodePort = wanted || anyNodePort(ports)
      given.set(port.port, port.nodePort)
    } else if (!port.nodePort) port.nodePort = shared
    else if (port.nodePort !== shared) takeNamed(service, i, port.nodePort, ports)
  }
}

function changeNodePorts(draft: Service, stored: Service, ports: PortsOfWrite): void {
  const mine = new Set((stored.spec.ports ?? []).map(({ nodePort }) => nodePort))
  const seen = new Set<string>()
  for (const [i, port] of (draft.spec.ports ?? []).entries()) {
    if (!port.nodePort && !needsNodePort(draft.spec)) continue
    if (!port.nodePort) port.nodePort = anyNodePort(ports)
    else if (!mine.has(port.nodePort)) {
      takeNamed(draft, i, port.nodePort, ports)
      mine.add(port.nodePort)
    }
    const pair = `{${port.protocol} ${port.nodePort}}`
    if (seen.has(pair)) throw plainServerError(`duplicate nodePort: ${pair}`)
    seen.add(pair)
  }
}

function takeNamed({ metadata }: Service, i: number, port: number, ports: PortsOfWrite): void {
  const fault = ports.take(port)
  if (fault === undefined) return
  const error = invalidValue(PORTS.index(i).child('nodePort'), port, fault)
  throw invalid({ group: '', kind: 'Service' }, metadata.name ?? '', [error])
}

function anyNodePort(ports: PortsOfWrite): number {
  const port = ports.takeAny()
  if (port === undefined) throw internalError(`failed to allocate a nodePort: ${FULL}`)
  return port
}

function takeHealthCheckPort(spec: Service['spec'], ports: PortsOfWrite): void {
  const wanted = spec.healthCheckNodePort
  if (wanted) {
    const fault = ports.take(wanted)
    if (fault === undefined) return
    const failed = 'failed to allocate requested HealthCheck NodePort'
    throw internalError(`${failed} ${wanted}: ${fault}`)
  }
  const port = ports.takeAny()
  if (port === undefined)
    throw internalError(`failed to allocate a HealthCheck NodePort 0: ${FULL}`)
  spec.healthCheckNodePort = port
}
