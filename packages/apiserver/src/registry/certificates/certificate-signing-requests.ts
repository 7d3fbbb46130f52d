import {
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  formatTime,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  isEqual,
  notSupported,
  required,
  tooLong,
} from '@miniplane/api'
import { signingRequestTable } from '../columns/cluster.js'
import { defineStrategy, type StrategyContext, type SubresourceStrategy } from '../strategy.js'
import { oneOf } from '../validation/object-meta.js'
import { certificateFault, requestFault } from './request-faults.js'

type Request = CertificateSigningRequest

const SPEC = FieldPath.of('spec')
const STATUS = FieldPath.of('status')
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown'
const LIFETIME_SECONDS_MIN = 600
const DOMAIN_BYTES_MAX = 253
/** A domain, a slash, a namespace, a dot and a name. */
const SIGNER_BYTES_MAX = DOMAIN_BYTES_MAX + 1 + 63 + 1 + 253
/** What is decided is decided. */
const FINAL = ['Approved', 'Denied', 'Failed']
const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
]

/** Sets the conditions, and nothing else. */
const approval: SubresourceStrategy<Request> = {
  prepareForUpdate(draft, stored, context) {
    const { conditions } = draft.status
    draft.spec = stored.spec
    draft.status = { ...stored.status }
    if (conditions) draft.status.conditions = conditions
    else delete draft.status.conditions
    setConditionTimes(draft, stored, context)
  },
  validateUpdate: (draft, stored) => validateDecided(draft, stored, []),
}

/** Hands out the certificate; who may approve is another question. */
const status: SubresourceStrategy<Request> = {
  prepareForUpdate(draft, stored, context) {
    draft.spec = stored.spec
    for (const type of ['Approved', 'Denied']) keepConditions(draft, stored, type)
    setConditionTimes(draft, stored, context)
  },
  validateUpdate(draft, stored) {
    const errors = validateDecided(draft, stored, ['Approved', 'Denied'])
    const { certificate } = stored.status
    if (certificate && !isEqual(certificate, draft.status.certificate)) {
      const detail = 'updates may not modify existing certificate content'
      errors.push(forbiddenField(STATUS.child('certificate'), detail))
    }
    return errors
  },
}

export const certificateSigningRequests = defineStrategy<Request>({
  prepareForCreate(draft, { user }) {
    // Who asks is what the signer goes by, so nobody may say it of himself.
    const { username: _, uid: __, groups: ___, extra: ____, ...spec } = draft.spec
    const extra = Object.entries(user.extra ?? {}).map(([key, values]) => [key, [...values]])
    draft.spec = {
      ...spec,
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: [...user.groups],
      ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
    }
  },
  prepareForUpdate(draft, stored) {
    draft.spec = stored.spec
    draft.status = stored.status
  },
  validateName: () => [],
  validate: validateRequest,
  validateUpdate: (draft, stored) => validateDecided(draft, stored, []),
  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },
  table: signingRequestTable,
  subresources: { approval, status },
})

/** They stay as they are; who adds or removes one is refused later. */
function keepConditions(draft: Request, stored: Request, type: string): void {
  const kept = (stored.status.conditions ?? []).filter((one) => one.type === type)
  const { conditions = [] } = draft.status
  if (conditions.filter((one) => one.type === type).length !== kept.length) return
  draft.status.conditions = conditions.map((one) =>
    one.type === type ? (kept.shift() ?? one) : one,
  )
}

function setConditionTimes(draft: Request, stored: Request, { clock }: StrategyContext): void {
  const now = formatTime(clock.now())
  const conditions = draft.status.conditions?.map((condition) => {
    const same = stored.status.conditions?.find(
      (one) => one.type === condition.type && one.status === condition.status,
    )
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? now,
      lastTransitionTime: condition.lastTransitionTime ?? same?.lastTransitionTime ?? now,
    }
  })
  if (conditions) draft.status.conditions = conditions
}

function validateRequest({ spec, status: { conditions, certificate } }: Request): FieldError[] {
  const errors: FieldError[] = []
  const { usages = [], signerName, expirationSeconds: seconds } = spec
  const fault = requestFault(spec.request)
  if (fault !== undefined) errors.push(invalidValue(SPEC.child('request'), spec.request, fault))
  const path = SPEC.child('usages')
  if (usages.length === 0) errors.push(required(path, ''))
  for (const [i, usage] of usages.entries())
    if (!USAGES.includes(usage)) errors.push(notSupported(path.index(i), usage, USAGES))
  for (const [i, usage] of usages.entries())
    if (usages.indexOf(usage) < i) errors.push(duplicate(path.index(i), usage))
  validateSignerName(signerName, SPEC.child('signerName'), errors)
  if (seconds !== undefined && seconds < LIFETIME_SECONDS_MIN) {
    const detail = `may not specify a duration less than ${LIFETIME_SECONDS_MIN} seconds (10 minutes)`
    errors.push(invalidValue(SPEC.child('expirationSeconds'), seconds, detail))
  }
  validateConditions(conditions ?? [], STATUS.child('conditions'), errors)
  const wrong = certificateFault(certificate)
  if (wrong !== undefined)
    errors.push(invalidValue(STATUS.child('certificate'), '<certificate data>', wrong))
  return errors
}

function validateSignerName(name: string, path: FieldPath, errors: FieldError[]): void {
  if (!name) {
    errors.push(required(path, ''))
    return
  }
  const refuse = (detail: string) => errors.push(invalidValue(path, name, detail))
  if (name === LEGACY_SIGNER) {
    refuse('the legacy signerName is not allowed via this API version')
    return
  }
  const [domain = '', signer, ...rest] = name.split('/')
  if (signer === undefined || rest.length > 0) {
    refuse("must be a fully qualified domain and path of the form 'example.com/signer-name'")
    return
  }
  if (domain.length > DOMAIN_BYTES_MAX) errors.push(tooLong(path, '', DOMAIN_BYTES_MAX))
  validateLabels(domain, isDns1123Label, path, errors)
  if (!domain.includes('.')) {
    const detail = 'should be a domain with at least two segments separated by dots'
    errors.push(invalidValue(path, domain, detail))
  }
  validateLabels(signer, isDns1123Subdomain, path, errors)
  if (name.length > SIGNER_BYTES_MAX) errors.push(tooLong(path, '', SIGNER_BYTES_MAX))
}

/** Labels between dots; the first wrong one is told. */
function validateLabels(
  segment: string,
  rule: (label: string) => string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const wrong = segment.split('.').find((label) => rule(label).length > 0)
  for (const fault of wrong === undefined ? [] : rule(wrong))
    errors.push(invalidValue(path, segment, `validating label ${JSON.stringify(wrong)}: ${fault}`))
}

function validateConditions(
  conditions: readonly CertificateSigningRequestCondition[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const types = conditions.map(({ type }) => type)
  for (const [i, { type, status }] of conditions.entries()) {
    const at = path.index(i)
    if (!type) errors.push(required(at.child('type'), ''))
    const allowed = FINAL.includes(type) ? ['True'] : ['False', 'True', 'Unknown']
    if (!status) errors.push(required(at.child('status'), ''))
    else oneOf(status, allowed, at.child('status'), errors)
    const before = types.slice(0, i)
    const opposite = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined
    if (opposite && before.includes(opposite)) {
      const detail = 'Approved and Denied conditions are mutually exclusive'
      errors.push(invalidValue(path, type, detail))
    }
    if (before.includes(type)) errors.push(duplicate(at.child('type'), type))
  }
}

/** What holds for every change: nobody takes a decision back, and only `/approval` takes one. */
function validateDecided(
  draft: Request,
  stored: Request,
  notToBeAdded: readonly string[],
): FieldError[] {
  const errors = validateRequest(draft)
  const of = ({ status: { conditions = [] } }: Request, type: string) =>
    conditions.filter((one) => one.type === type).length
  const refuse = (what: string, type: string) =>
    errors.push(
      forbiddenField(
        STATUS.child('conditions'),
        `updates may not ${what} a condition of type ${JSON.stringify(type)}`,
      ),
    )
  for (const type of FINAL) if (of(draft, type) < of(stored, type)) refuse('remove', type)
  for (const type of notToBeAdded) if (of(draft, type) > of(stored, type)) refuse('add', type)
  return errors
}
