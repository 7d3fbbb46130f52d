import {
  type Container,
  type FieldError,
  type FieldPath,
  forbiddenField,
  type HTTPGetAction,
  invalidValue,
  isHttpHeaderName,
  type Lifecycle,
  type LifecycleHandler,
  type Probe,
  required,
} from '@miniplane/api'
import { nonNegative, portNumber, portNumberOrName } from './numbers.js'
import { oneOf } from './object-meta.js'

/** What hooks and probes depend on. */
interface HookContext {
  readonly gracePeriodSeconds: number
}

/** The probes and life cycle hooks of a container that keeps running. */
export function validateProbesAndHooks(
  container: Container,
  pod: HookContext,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { gracePeriodSeconds } = pod
  validateLifecycle(container.lifecycle, gracePeriodSeconds, path.child('lifecycle'), errors)
  const { livenessProbe, readinessProbe, startupProbe } = container
  validateProbe(livenessProbe, gracePeriodSeconds, path.child('livenessProbe'), errors)
  succeedsAtOnce(livenessProbe, path.child('livenessProbe'), errors)
  validateProbe(readinessProbe, gracePeriodSeconds, path.child('readinessProbe'), errors)
  if (readinessProbe?.terminationGracePeriodSeconds !== undefined) {
    errors.push(
      invalidValue(
        path.child('readinessProbe', 'terminationGracePeriodSeconds'),
        readinessProbe.terminationGracePeriodSeconds,
        'must not be set for readinessProbes',
      ),
    )
  }
  validateProbe(startupProbe, gracePeriodSeconds, path.child('startupProbe'), errors)
  succeedsAtOnce(startupProbe, path.child('startupProbe'), errors)
}

function validateLifecycle(
  lifecycle: Lifecycle | undefined,
  gracePeriodSeconds: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (lifecycle?.postStart) {
    validateHandler(lifecycle.postStart, gracePeriodSeconds, path.child('postStart'), errors)
  }
  if (lifecycle?.preStop) {
    validateHandler(lifecycle.preStop, gracePeriodSeconds, path.child('preStop'), errors)
  }
}

/** Only a readiness probe may ask for several successes in a row. */
function succeedsAtOnce(probe: Probe | undefined, path: FieldPath, errors: FieldError[]): void {
  const threshold = probe?.successThreshold
  if (probe === undefined || threshold === 1) return
  errors.push(invalidValue(path.child('successThreshold'), threshold ?? 0, 'must be 1'))
}

const COUNTS = [
  'initialDelaySeconds',
  'timeoutSeconds',
  'periodSeconds',
  'successThreshold',
  'failureThreshold',
] as const

function validateProbe(
  probe: Probe | undefined,
  gracePeriodSeconds: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!probe) return
  validateHandler(probe, gracePeriodSeconds, path, errors)
  for (const field of COUNTS) nonNegative(probe[field], path.child(field), errors)
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) {
    errors.push(
      invalidValue(path.child('terminationGracePeriodSeconds'), grace, 'must be greater than 0'),
    )
  }
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const
type Handler = Probe & LifecycleHandler

function validateHandler(
  handler: Handler,
  gracePeriodSeconds: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  let known: string | undefined
  for (const kind of HANDLERS) {
    if (handler[kind] === undefined) continue
    if (known) {
      errors.push(forbiddenField(path.child(kind), 'may not specify more than 1 handler type'))
      continue
    }
    known = kind
    validateAction(handler, kind, gracePeriodSeconds, path.child(kind), errors)
  }
  if (!known) errors.push(required(path, 'must specify a handler type'))
}

function validateAction(
  handler: Handler,
  kind: (typeof HANDLERS)[number],
  gracePeriodSeconds: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  switch (kind) {
    case 'exec':
      if (!handler.exec?.command?.length) errors.push(required(path.child('command'), ''))
      return
    case 'httpGet':
      if (handler.httpGet) validateHttpGet(handler.httpGet, path, errors)
      return
    case 'tcpSocket':
      portNumberOrName(handler.tcpSocket?.port, path.child('port'), errors)
      return
    case 'grpc':
      portNumber(handler.grpc?.port, path.child('port'), errors)
      return
    case 'sleep': {
      const seconds = handler.sleep?.seconds ?? 0
      if (seconds >= 0 && seconds <= gracePeriodSeconds) return
      const detail = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`
      errors.push(invalidValue(path, seconds, detail))
    }
  }
}

function validateHttpGet(action: HTTPGetAction, path: FieldPath, errors: FieldError[]): void {
  if (!action.path) errors.push(required(path.child('path'), ''))
  portNumberOrName(action.port, path.child('port'), errors)
  oneOf(action.scheme, ['HTTP', 'HTTPS'], path.child('scheme'), errors)
  for (const { name } of action.httpHeaders ?? []) {
    for (const fault of isHttpHeaderName(name)) {
      errors.push(invalidValue(path.child('httpHeaders'), name, fault))
    }
  }
}
