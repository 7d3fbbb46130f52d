import { type GoStruct, list, pointer, value } from '../validation/go-struct.js'

/** The internal form of claims: field names and order as messages print them. */

const selector: GoStruct = { CEL: pointer({ Expression: '' }) }
const toleration: GoStruct = {
  Key: '',
  Operator: '',
  Value: '',
  Effect: '',
  TolerationSeconds: null,
}
const capacity: GoStruct = { Requests: null }
const opaque: GoStruct = { Driver: '', Parameters: null }

const exactRequest: GoStruct = {
  DeviceClassName: '',
  Selectors: list(selector),
  AllocationMode: '',
  Count: 0,
  AdminAccess: null,
  Tolerations: list(toleration),
  Capacity: pointer(capacity),
}
const alternative: GoStruct = {
  Name: '',
  DeviceClassName: '',
  Selectors: list(selector),
  AllocationMode: '',
  Count: 0,
  Tolerations: list(toleration),
  Capacity: pointer(capacity),
}
const deviceClaim: GoStruct = {
  Requests: list({
    Name: '',
    Exactly: pointer(exactRequest),
    FirstAvailable: list(alternative),
  }),
  Constraints: list({ Requests: null, MatchAttribute: null, DistinctAttribute: null }),
  Config: list({ Requests: null, Opaque: pointer(opaque) }),
}

export const claimSpecStruct: GoStruct = { Devices: value(deviceClaim) }

const nodeRequirement: GoStruct = { Key: '', Operator: '', Values: null }
export const nodeSelectorTermStruct: GoStruct = {
  MatchExpressions: list(nodeRequirement),
  MatchFields: list(nodeRequirement),
}
const nodeSelector: GoStruct = { NodeSelectorTerms: list(nodeSelectorTermStruct) }
const allocatedDevice: GoStruct = {
  Request: '',
  Driver: '',
  Pool: '',
  Device: '',
  AdminAccess: null,
  Tolerations: list(toleration),
  BindingConditions: null,
  BindingFailureConditions: null,
  ShareID: null,
  ConsumedCapacity: null,
}

export const allocationStruct: GoStruct = {
  Devices: value({
    Results: list(allocatedDevice),
    Config: list({ Source: '', Requests: null, Opaque: pointer(opaque) }),
  }),
  NodeSelector: pointer(nodeSelector),
  AllocationTimestamp: null,
}
