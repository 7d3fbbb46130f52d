import type { Option } from '../option.js'
import { clusteringOptions } from './clustering.js'
import { memberOptions } from './member.js'
import {
  featureOptions,
  loggingOptions,
  monitoringOptions,
  tracingOptions,
  unsafeOptions,
} from './operation.js'
import { authOptions, securityOptions } from './security.js'

/** Every option, in the sections and the order of `--help`. */
export const sections = {
  Member: memberOptions,
  Clustering: clusteringOptions,
  Security: securityOptions,
  Auth: authOptions,
  'Profiling and Monitoring': monitoringOptions,
  Logging: loggingOptions,
  'Distributed tracing': tracingOptions,
  Features: featureOptions,
  'Unsafe feature': unsafeOptions,
} as const

const all = {
  ...memberOptions,
  ...clusteringOptions,
  ...securityOptions,
  ...authOptions,
  ...monitoringOptions,
  ...loggingOptions,
  ...tracingOptions,
  ...featureOptions,
  ...unsafeOptions,
}

type Options = typeof all
export type OptionName = keyof Options

/** A value for every option, by the flags' names. */
export type Settings = {
  readonly [Name in OptionName]: Options[Name] extends Option<infer Value> ? Value : never
}

export const optionNames = Object.keys(all) as OptionName[]
/** The values differ from option to option: who reads one through this checks it by its type. */
export const optionNamed = (name: OptionName): Option<unknown> => all[name] as Option<unknown>

export const defaultSettings = Object.fromEntries(
  optionNames.map((name) => [name, all[name].default]),
) as unknown as Settings

/** Names of older and newer versions for the same. */
const aliases: Readonly<Record<string, OptionName>> = {
  'experimental-backend-bbolt-freelist-type': 'backend-bbolt-freelist-type',
  'experimental-bootstrap-defrag-threshold-megabytes': 'bootstrap-defrag-threshold-megabytes',
  'experimental-compact-hash-check-time': 'compact-hash-check-time',
  'experimental-compaction-batch-limit': 'compaction-batch-limit',
  'experimental-compaction-sleep-interval': 'compaction-sleep-interval',
  'experimental-corrupt-check-time': 'corrupt-check-time',
  'experimental-distributed-tracing-address': 'distributed-tracing-address',
  'experimental-distributed-tracing-instance-id': 'distributed-tracing-instance-id',
  'experimental-distributed-tracing-sampling-rate': 'distributed-tracing-sampling-rate',
  'experimental-distributed-tracing-service-name': 'distributed-tracing-service-name',
  'experimental-downgrade-check-time': 'downgrade-check-time',
  'experimental-enable-distributed-tracing': 'enable-distributed-tracing',
  'experimental-max-learners': 'max-learners',
  'experimental-memory-mlock': 'memory-mlock',
  'experimental-peer-skip-client-san-verification': 'peer-skip-client-san-verification',
  'experimental-snapshot-catchup-entries': 'snapshot-catchup-entries',
  'experimental-wait-cluster-ready-timeout': 'wait-cluster-ready-timeout',
  'experimental-warning-apply-duration': 'warning-apply-duration',
  'experimental-warning-unary-request-duration': 'warning-unary-request-duration',
  'experimental-watch-progress-notify-interval': 'watch-progress-notify-interval',
}

/** The option that goes by this name, now or in another version. */
export const resolveName = (name: string): OptionName | undefined =>
  Object.hasOwn(all, name) ? (name as OptionName) : aliases[name]
