import {
  type APIService,
  type FieldError,
  FieldPath,
  formatTime,
  goQuote,
  invalidValue,
  isDns1035Label,
  isDns1123Subdomain,
  isValidPortNum,
  required,
} from '@miniplane/api'
import { apiServiceTable } from '../columns/cluster.js'
import { KEEPS_METADATA, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { pathSegmentName } from '../validation/names.js'
import { oneOf } from '../validation/object-meta.js'

const SPEC = FieldPath.of('spec')
const SERVICE_PORT = 443
const GROUP_PRIORITY_MAX = 20_000
const VERSION_PRIORITY_MAX = 1000

/** What there is to say of one that this server answers itself. */
export const IS_LOCAL = {
  type: 'Available',
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
} as const

export const apiServicesStrategy = defineStrategy<APIService>({
  setDefaults({ spec }) {
    if (spec.service) spec.service.port ??= SERVICE_PORT
  },
  prepareForCreate(draft, { clock }) {
    if (draft.spec.service) return
    const condition = { ...IS_LOCAL, lastTransitionTime: formatTime(clock.now()) }
    draft.status = { conditions: [condition] }
  },
  // `v1.` is the name of the core group's.
  validateName: (name) => pathSegmentName(name, false),
  validate: validateApiService,
  validateUpdate: (draft) => validateApiService(draft),
  allowUnconditionalUpdate: false,
  table: apiServiceTable,
  subresources: {
    status: statusSubresource<APIService>({ keep: KEEPS_METADATA, validate: validateStatus }),
  },
})

function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const errors: FieldError[] = []
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec
  const name = `${version}.${group}`
  for (const field of ['generateName', 'name'] as const) {
    const given = metadata[field]
    if (!given || given === name || pathSegmentName(given, false).length > 0) continue
    const detail = `must be \`spec.version+"."+spec.group\`: ${goQuote(name)}`
    errors.push(invalidValue(FieldPath.of('metadata', field), given, detail))
  }
  if (group === '') {
    if (version !== 'v1')
      errors.push(
        required(
          SPEC.child('group'),
          'only v1 may have an empty group and it better be legacy kube',
        ),
      )
  } else
    for (const fault of isDns1123Subdomain(group))
      errors.push(invalidValue(SPEC.child('group'), group, fault))
  for (const fault of isDns1035Label(version))
    errors.push(invalidValue(SPEC.child('version'), version, fault))
  priority(groupPriorityMinimum, GROUP_PRIORITY_MAX, SPEC.child('groupPriorityMinimum'), errors)
  priority(versionPriority, VERSION_PRIORITY_MAX, SPEC.child('versionPriority'), errors)
  validateServer(spec, errors)
  return errors
}

function validateStatus({ status }: APIService): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('status', 'conditions')
  for (const [i, condition] of (status?.conditions ?? []).entries())
    oneOf(condition.status, ['True', 'False', 'Unknown'], path.index(i).child('status'), errors)
  return errors
}

function priority(value: number, max: number, path: FieldPath, errors: FieldError[]): void {
  if (value > 0 && value <= max) return
  errors.push(invalidValue(path, value, `must be positive and less than ${max}`))
}

/** A version is served by this server, or by one behind a Service, whom it has to trust. */
function validateServer(spec: APIService['spec'], errors: FieldError[]): void {
  const { service, caBundle, insecureSkipTLSVerify: isBlind } = spec
  if (!service) {
    if (caBundle) {
      const detail = 'local APIServices may not have a caBundle'
      const size = `${Buffer.from(caBundle, 'base64').length} bytes`
      errors.push(invalidValue(SPEC.child('caBundle'), size, detail))
    }
    if (isBlind) {
      const detail = 'local APIServices may not have insecureSkipTLSVerify'
      errors.push(invalidValue(SPEC.child('insecureSkipTLSVerify'), isBlind, detail))
    }
    return
  }
  const path = SPEC.child('service')
  if (!service.namespace) errors.push(required(path.child('namespace'), ''))
  if (!service.name) errors.push(required(path.child('name'), ''))
  const faults = isValidPortNum(service.port ?? 0)
  if (faults.length > 0) {
    const detail = `port is not valid: ${faults.join(', ')}`
    errors.push(invalidValue(path.child('port'), service.port, detail))
  }
  if (isBlind && caBundle) {
    const detail = 'may not be true if caBundle is present'
    errors.push(invalidValue(SPEC.child('insecureSkipTLSVerify'), isBlind, detail))
  }
}
