import type {
  Container,
  ContainerPort,
  ContainerState,
  ContainerStatus,
  EnvVar,
  Pod,
  Probe,
  ResourceRequirements,
} from '@miniplane/api'
import { parseQuantity } from '@miniplane/api'
import { longTime } from './text.js'
import type { DescribeWriter } from './writer.js'

export interface ContainersOptions {
  readonly title: string
  readonly statuses?: readonly ContainerStatus[]
  /** Whose values environment variables refer to. */
  readonly pod?: Pod
  /** Two spaces when the containers belong to a template. */
  readonly indent?: string
}

export function writeContainers(
  writer: DescribeWriter,
  containers: readonly Container[] | undefined,
  { title, statuses = [], pod, indent = '' }: ContainersOptions,
): void {
  if (!containers || containers.length === 0) {
    writer.line(0, `${indent}${title}: <none>`)
    return
  }
  writer.line(0, `${indent}${title}:`)
  for (const container of containers) {
    const status = statuses.find(({ name }) => name === container.name)
    writer.line(1, `${indent === '' ? '' : ' '}${container.name}:`)
    writeBasics(writer, container, status)
    writeWords(writer, 'Command', container.command)
    writeWords(writer, 'Args', container.args)
    if (status) writeStatus(writer, status)
    writeResources(writer, container.resources, 2)
    writeProbes(writer, container)
    writeEnvironmentSources(writer, container)
    writeEnvironment(writer, container, pod)
    writeMounts(writer, container)
  }
}

function writeBasics(
  writer: DescribeWriter,
  container: Container,
  status: ContainerStatus | undefined,
): void {
  if (status) writer.field('Container ID', status.containerID, 2)
  writer.field('Image', container.image, 2)
  if (status) writer.field('Image ID', status.imageID, 2)
  writePorts(writer, 'Port', container.ports, (port) => port.containerPort)
  writePorts(writer, 'Host Port', container.ports, (port) => port.hostPort ?? 0)
}

function writePorts(
  writer: DescribeWriter,
  title: string,
  ports: readonly ContainerPort[] = [],
  numberOf: (port: ContainerPort) => number,
): void {
  const texts = ports.map((port) => {
    const name = port.name ? ` (${port.name})` : ''
    return `${numberOf(port)}/${port.protocol ?? ''}${name}`
  })
  if (texts.length > 1) writer.field(`${title}s`, texts.join(', '), 2)
  else writer.field(title, texts[0] ?? '<none>', 2)
}

function writeWords(writer: DescribeWriter, title: string, words: readonly string[] = []): void {
  if (words.length === 0) return
  writer.line(2, `${title}:`)
  for (const word of words) for (const line of word.split('\n')) writer.line(3, line)
}

function writeStatus(writer: DescribeWriter, status: ContainerStatus): void {
  writeState(writer, 'State', status.state)
  if (status.lastState?.terminated) writeState(writer, 'Last State', status.lastState)
  writer.field('Ready', status.ready ? 'True' : 'False', 2)
  writer.field('Restart Count', status.restartCount ?? 0, 2)
}

function writeState(writer: DescribeWriter, title: string, state: ContainerState = {}): void {
  const { running, terminated, waiting } = state
  if (running) {
    writer.field(title, 'Running', 2)
    writer.field('Started', longTime(running.startedAt), 3)
  } else if (terminated) {
    writer.field(title, 'Terminated', 2)
    if (terminated.reason) writer.field('Reason', terminated.reason, 3)
    if (terminated.message) writer.field('Message', terminated.message, 3)
    writer.field('Exit Code', terminated.exitCode ?? 0, 3)
    if ((terminated.signal ?? 0) > 0) writer.field('Signal', terminated.signal, 3)
    writer.field('Started', longTime(terminated.startedAt), 3)
    writer.field('Finished', longTime(terminated.finishedAt), 3)
  } else {
    writer.field(title, 'Waiting', 2)
    if (waiting?.reason) writer.field('Reason', waiting.reason, 3)
  }
}

export function writeResources(
  writer: DescribeWriter,
  resources: ResourceRequirements | undefined,
  level: number,
): void {
  for (const [title, list] of [
    ['Limits', resources?.limits],
    ['Requests', resources?.requests],
  ] as const) {
    const entries = Object.entries(list ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    if (entries.length > 0) writer.line(level, `${title}:`)
    for (const [name, quantity] of entries) writer.field(name, quantity, level + 1)
  }
}

function writeProbes(writer: DescribeWriter, container: Container): void {
  const { livenessProbe, readinessProbe, startupProbe } = container
  if (livenessProbe) writer.field('Liveness', probeText(livenessProbe), 2)
  if (readinessProbe) writer.field('Readiness', probeText(readinessProbe), 2)
  if (startupProbe) writer.field('Startup', probeText(startupProbe), 2)
}

function probeText(probe: Probe): string {
  const { initialDelaySeconds = 0, timeoutSeconds = 0, periodSeconds = 0 } = probe
  const { successThreshold = 0, failureThreshold = 0 } = probe
  const attributes = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s #success=${successThreshold} #failure=${failureThreshold}`
  const { exec, httpGet, tcpSocket, grpc } = probe
  if (exec) return `exec [${(exec.command ?? []).join(' ')}] ${attributes}`
  if (httpGet) {
    const { scheme = '', host = '', port, path = '' } = httpGet
    return `http-get ${scheme.toLowerCase()}://${host}:${port}${path} ${attributes}`
  }
  if (tcpSocket) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port} ${attributes}`
  if (grpc) return `grpc <pod>:${grpc.port} ${grpc.service ?? ''} ${attributes}`
  return `unknown ${attributes}`
}

function writeEnvironmentSources(writer: DescribeWriter, { envFrom = [] }: Container): void {
  if (envFrom.length === 0) return
  writer.line(2, 'Environment Variables from:')
  for (const { configMapRef, secretRef, prefix } of envFrom) {
    const kind = configMapRef ? 'ConfigMap' : 'Secret'
    const { name = '', optional = false } = configMapRef ?? secretRef ?? {}
    const from = prefix ? `${kind} with prefix '${prefix}'` : kind
    writer.line(3, `${name}\t${from}\tOptional: ${optional}`)
  }
}

function writeEnvironment(
  writer: DescribeWriter,
  container: Container,
  pod: Pod | undefined,
): void {
  const { env = [] } = container
  writer.line(2, env.length === 0 ? 'Environment:\t<none>' : 'Environment:')
  for (const variable of env) {
    if (variable.valueFrom) {
      writer.line(3, `${variable.name}:\t${referenceText(variable, container, pod)}`)
      continue
    }
    for (const [at, line] of (variable.value ?? '').split('\n').entries()) {
      writer.line(3, at === 0 ? `${variable.name}:\t${line}` : `\t${line}`)
    }
  }
}

function referenceText({ valueFrom }: EnvVar, container: Container, pod: Pod | undefined): string {
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = valueFrom ?? {}
  if (fieldRef) {
    return `${fieldValue(pod, fieldRef.fieldPath)} (${fieldRef.apiVersion ?? ''}:${fieldRef.fieldPath})`
  }
  if (resourceFieldRef) {
    const { resource } = resourceFieldRef
    return `${resourceValue(container, resource, resourceFieldRef.divisor)} (${resource})`
  }
  if (secretKeyRef) {
    const { key, name, optional = false } = secretKeyRef
    return `<set to the key '${key}' in secret '${name}'>\tOptional: ${optional}`
  }
  const { key = '', name = '', optional = false } = configMapKeyRef ?? {}
  return `<set to the key '${key}' of config map '${name}'>\tOptional: ${optional}`
}

function fieldValue(pod: Pod | undefined, path: string): string {
  const { metadata } = pod ?? {}
  const keyed = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path)
  if (keyed) return metadata?.[keyed[1] as 'labels']?.[keyed[2] ?? ''] ?? ''
  if (path === 'metadata.name') return metadata?.name ?? ''
  if (path === 'metadata.namespace') return metadata?.namespace ?? ''
  return path === 'metadata.uid' ? (metadata?.uid ?? '') : ''
}

/** In units of the divisor, rounded up. */
function resourceValue(container: Container, path: string, divisor = '1'): string {
  const [list = '', ...name] = path.split('.')
  const quantity = container.resources?.[list as 'limits' | 'requests']?.[name.join('.')]
  if (quantity === undefined) return list === 'limits' ? 'node allocatable' : '0'
  const unit = divisor === '0' || divisor === '' ? '1' : divisor
  const value = Number(parseQuantity(quantity).milliValue())
  return String(Math.ceil(value / Number(parseQuantity(unit).milliValue())))
}

function writeMounts(writer: DescribeWriter, container: Container): void {
  const { volumeMounts = [], volumeDevices = [] } = container
  writer.line(2, volumeMounts.length === 0 ? 'Mounts:\t<none>' : 'Mounts:')
  const byPath = [...volumeMounts].sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1))
  for (const { mountPath, name, readOnly, subPath } of byPath) {
    const flags = [readOnly ? 'ro' : 'rw', ...(subPath ? [`path="${subPath}"`] : [])]
    writer.line(3, `${mountPath} from ${name} (${flags.join(',')})`)
  }
  if (volumeDevices.length === 0) return
  writer.line(2, 'Devices:')
  for (const { devicePath, name } of volumeDevices) writer.line(3, `${devicePath} from ${name}`)
}
