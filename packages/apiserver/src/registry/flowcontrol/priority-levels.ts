import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  type LimitedPriorityLevelConfiguration,
  type LimitResponse,
  type PriorityLevelConfiguration,
  type QueuingConfiguration,
  required,
  semanticEqual,
} from '@miniplane/api'
import { mandatorySpec } from '../../bootstrap/flow-control.js'
import { priorityLevelTable } from '../columns/cluster.js'
import { KEEPS_METADATA, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, pointer, value } from '../validation/go-struct.js'
import { inRange } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'
import { namedConditions } from './named-conditions.js'

const SPEC = FieldPath.of('spec')
/** The level that holds nobody up; its name says so. */
const EXEMPT = 'exempt'
const sharesStruct = { NominalConcurrencyShares: 0, LendablePercent: null } as const
const specStruct = {
  Type: '',
  Limited: pointer({
    NominalConcurrencyShares: 0,
    LimitResponse: value({
      Type: '',
      Queuing: pointer({ Queues: 0, HandSize: 0, QueueLengthLimit: 0 }),
    }),
    LendablePercent: null,
    BorrowingLimitPercent: null,
  }),
  Exempt: pointer(sharesStruct),
} as const
const SHARES = 30
const QUEUING = { queues: 64, handSize: 8, queueLengthLimit: 50 }
const QUEUES_MAX = 10_000_000
/** A flow's hand of queues is dealt from one hash of so many bits. */
const HASH_BITS_MAX = 60

export const priorityLevelConfigurations = defineStrategy<PriorityLevelConfiguration>({
  ...desiredState<PriorityLevelConfiguration>(),
  setDefaults({ spec: { limited, exempt } }) {
    if (exempt) {
      exempt.nominalConcurrencyShares ??= 0
      exempt.lendablePercent ??= 0
    }
    if (!limited) return
    limited.nominalConcurrencyShares ??= SHARES
    limited.lendablePercent ??= 0
    const queuing = limited.limitResponse?.queuing
    if (!queuing) return
    queuing.queues ||= QUEUING.queues
    queuing.handSize ||= QUEUING.handSize
    queuing.queueLengthLimit ||= QUEUING.queueLengthLimit
  },
  validate: validateLevel,
  validateUpdate: (draft) => validateLevel(draft),
  table: priorityLevelTable,
  subresources: {
    status: statusSubresource<PriorityLevelConfiguration>({
      keep: KEEPS_METADATA,
      validate: ({ status }) => namedConditions(status),
    }),
  },
})

function validateLevel(level: PriorityLevelConfiguration): FieldError[] {
  const errors = validateSpec(level)
  const { metadata, spec } = level
  const mandatory = mandatorySpec('PriorityLevelConfiguration', metadata.name)
  // How much of the exempt level is lent is anybody's choice.
  const fixed = metadata.name === EXEMPT ? { ...mandatory, exempt: spec.exempt } : mandatory
  if (mandatory && !semanticEqual(spec, fixed)) {
    const but = metadata.name === EXEMPT ? " except the 'spec.exempt' field" : ''
    const detail = `spec of '${metadata.name}'${but} must equal the fixed value`
    errors.push(invalidValue(SPEC, goForm(spec, specStruct), detail))
  }
  return errors
}

function validateSpec({ metadata, spec }: PriorityLevelConfiguration): FieldError[] {
  const errors: FieldError[] = []
  const { type, limited, exempt } = spec
  if ((metadata.name === EXEMPT) !== (type === 'Exempt')) {
    const detail = "must be 'Exempt' if and only if `name` is 'exempt'"
    errors.push(invalidValue(SPEC.child('type'), type, detail))
  }
  if (!type) {
    errors.push(required(SPEC.child('type'), ''))
    return errors
  }
  if (!oneOf(type, ['Exempt', 'Limited'], SPEC.child('type'), errors)) return errors
  if (type === 'Exempt') {
    if (limited) {
      const detail = 'must be nil if the type is not Limited'
      errors.push(forbiddenField(SPEC.child('limited'), detail))
    }
    if (!exempt) return errors
    validateShares(exempt, SPEC.child('exempt'), errors)
    validateLoans(exempt, SPEC.child('exempt'), errors)
    return errors
  }
  if (exempt) {
    errors.push(forbiddenField(SPEC.child('exempt'), 'must be nil if the type is Limited'))
  }
  if (!limited) {
    errors.push(required(SPEC.child('limited'), 'must not be empty when type is Limited'))
    return errors
  }
  const path = SPEC.child('limited')
  validateShares(limited, path, errors)
  validateResponse(limited.limitResponse, path.child('limitResponse'), errors)
  validateLoans(limited, path, errors)
  return errors
}

type Shares = Pick<
  LimitedPriorityLevelConfiguration,
  'nominalConcurrencyShares' | 'lendablePercent' | 'borrowingLimitPercent'
>

function validateShares(
  { nominalConcurrencyShares: shares }: Shares,
  path: FieldPath,
  errors: FieldError[],
): void {
  if ((shares ?? 0) >= 0) return
  const detail = 'must be a non-negative integer'
  errors.push(invalidValue(path.child('nominalConcurrencyShares'), shares, detail))
}

/** What of its seats others may have, and what it may have of theirs. */
function validateLoans(
  { lendablePercent, borrowingLimitPercent: limit }: Shares,
  path: FieldPath,
  errors: FieldError[],
): void {
  inRange(lendablePercent, 0, 100, path.child('lendablePercent'), errors)
  if ((limit ?? 0) >= 0) return
  const detail = 'if specified, must be a non-negative integer'
  errors.push(invalidValue(path.child('borrowingLimitPercent'), limit, detail))
}

function validateResponse(
  response: LimitResponse | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('queuing')
  const { type, queuing } = response ?? { type: '' }
  switch (type) {
    case '':
      errors.push(required(path.child('type'), ''))
      break
    case 'Reject':
      if (!queuing) return
      errors.push(forbiddenField(at, 'must be nil if limited.limitResponse.type is not Limited'))
      break
    case 'Queue':
      if (queuing) validateQueuing(queuing, at, errors)
      else errors.push(required(at, 'must not be empty if limited.limitResponse.type is Limited'))
      break
    default:
      oneOf(type, ['Queue', 'Reject'], path.child('type'), errors)
  }
}

function validateQueuing(
  queuing: QueuingConfiguration,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { queues, handSize } = queuing
  for (const field of ['queueLengthLimit', 'queues', 'handSize'] as const)
    if (queuing[field] <= 0)
      errors.push(invalidValue(path.child(field), queuing[field], 'must be positive'))
  if (queues > QUEUES_MAX)
    errors.push(
      invalidValue(path.child('queues'), queues, `must not be greater than ${QUEUES_MAX}`),
    )
  const hand = (detail: string) =>
    errors.push(invalidValue(path.child('handSize'), handSize, detail))
  if (handSize > queues) hand(`should not be greater than queues (${queues})`)
  else if (entropyBits(queues, handSize) > HASH_BITS_MAX)
    hand(
      `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${HASH_BITS_MAX}`,
    )
}

/** What it takes to deal `hand` different cards of a deck. */
function entropyBits(deck: number, hand: number): number {
  let bits = 0
  for (let dealt = 0; dealt < hand && bits <= HASH_BITS_MAX; dealt++)
    bits += Math.log2(deck - dealt)
  return Math.ceil(bits)
}
