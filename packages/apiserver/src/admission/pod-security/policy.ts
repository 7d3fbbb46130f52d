import { type FieldError, FieldPath, invalidValue } from '@miniplane/api'
import { BASELINE } from './baseline.js'
import type { Check, PodLike, Violation } from './check.js'
import { RESTRICTED } from './restricted.js'

const PREFIX = 'pod-security.kubernetes.io'
const LABELS = FieldPath.of('metadata', 'labels')
/** From the most open to the strictest. */
const LEVELS = ['privileged', 'baseline', 'restricted'] as const
type Level = (typeof LEVELS)[number]
const LATEST = 'latest'
const VERSION = /^v1\.([0-9]|[1-9][0-9]*)$/

export interface LevelVersion {
  readonly level: Level
  /** `latest` or `v1.30`. */
  readonly version: string
}

export interface Policy {
  readonly enforce: LevelVersion
  readonly warn: LevelVersion
  /** Labels that say what nobody knows. */
  readonly faults: readonly FieldError[]
}

type Labels = Readonly<Record<string, string>> | undefined

/** Most namespaces ask for nothing, and each Pod asks them. */
const OPEN: Policy = {
  enforce: { level: 'privileged', version: LATEST },
  warn: { level: 'privileged', version: LATEST },
  faults: [],
}

function asksForAnything(labels: Labels): boolean {
  for (const key in labels) if (key.startsWith(PREFIX)) return true
  return false
}

/** What a namespace's labels ask for. Who enforces a level is also warned about it. */
export function policyOf(labels: Labels): Policy {
  if (!asksForAnything(labels)) return OPEN
  const faults: FieldError[] = []
  const enforce = levelVersion(labels, 'enforce', faults)
  // Nobody is told of it: audits are not written yet. Mistakes in it are mistakes all the same.
  levelVersion(labels, 'audit', faults)
  const warn = levelVersion(labels, 'warn', faults)
  const hasOwn = labels?.[`${PREFIX}/warn`] !== undefined
  if (hasOwn || !isKnown(labels?.[`${PREFIX}/enforce`])) return { enforce, warn, faults }
  const version = labels?.[`${PREFIX}/warn-version`] === undefined ? enforce.version : warn.version
  return { enforce, warn: isOpen(enforce) ? warn : { level: enforce.level, version }, faults }
}

const isKnown = (level: string | undefined): level is Level => LEVELS.some((one) => one === level)

function levelVersion(labels: Labels, mode: string, faults: FieldError[]): LevelVersion {
  const [key, versionKey] = [`${PREFIX}/${mode}`, `${PREFIX}/${mode}-version`]
  const [named, version = LATEST] = [labels?.[key], labels?.[versionKey]]
  const level = named ?? 'privileged'
  const isFit = version === LATEST || VERSION.test(version)
  if (!isKnown(level)) {
    faults.push(invalidValue(LABELS.key(key), level, `must be one of ${LEVELS.join(', ')}`))
  }
  if (!isFit) {
    faults.push(invalidValue(LABELS.key(versionKey), version, 'must be "latest" or "v1.x"'))
  }
  // A mistake must not open the door; but it only warns of what somebody has asked to hear.
  const fallback = mode === 'enforce' ? 'restricted' : 'privileged'
  return { level: isKnown(level) ? level : fallback, version: isFit ? version : LATEST }
}

export const isOpen = ({ level }: LevelVersion): boolean => level === 'privileged'

export const isSame = (a: LevelVersion, b: LevelVersion): boolean =>
  a.level === b.level && a.version === b.version

/** Whether what keeps to `before` may break `after`. */
export const isStricter = (after: LevelVersion, before: LevelVersion): boolean =>
  !isOpen(after) &&
  !isSame(after, before) &&
  (after.version !== before.version || LEVELS.indexOf(after.level) > LEVELS.indexOf(before.level))

const minorOf = (version: string) =>
  version === LATEST ? Number.POSITIVE_INFINITY : Number(VERSION.exec(version)?.[1])

function checksOf(level: Level, minor: number): readonly Check[] {
  if (level === 'privileged') return []
  const applies = ({ since = 0 }: Check) => since <= minor
  const baseline = BASELINE.filter(applies)
  if (level === 'baseline') return baseline
  const restricted = RESTRICTED.filter(applies)
  const replaced = new Set(restricted.map(({ replaces }) => replaces))
  return [...baseline.filter(({ id }) => !replaced.has(id)), ...restricted]
}

function violations(pod: PodLike, { level, version }: LevelVersion): Violation[] {
  const minor = minorOf(version)
  return checksOf(level, minor).flatMap((check) => check.run(pod, minor) ?? [])
}

/** Everything a Pod does that the level does not allow, as one text; undefined when nothing. */
export function violationsOf(pod: PodLike, { level, version }: LevelVersion): string | undefined {
  const texts = violations(pod, { level, version }).map(
    ({ reason, detail }) => `${reason} (${detail})`,
  )
  if (texts.length === 0) return undefined
  return `violate PodSecurity "${level}:${version}": ${texts.join(', ')}`
}

/** The same in a few words. */
export function reasonsOf(pod: PodLike, at: LevelVersion): string | undefined {
  const reasons = violations(pod, at).map(({ reason }) => reason)
  return reasons.length > 0 ? reasons.join(', ') : undefined
}
