import { CHECKS, type Check, type PodLike } from './checks.js'

const PREFIX = 'pod-security.kubernetes.io'
const LEVELS = ['privileged', 'baseline', 'restricted'] as const
type Level = (typeof LEVELS)[number]

export interface LevelVersion {
  readonly level: Level
  /** `latest` or `v1.30`. */
  readonly version: string
}

export interface Policy {
  readonly enforce: LevelVersion
  readonly warn: LevelVersion
}

/** What a namespace's labels ask for. Who enforces a level is also warned about it. */
export function policyOf(labels: Readonly<Record<string, string>> = {}): Policy {
  const enforce = levelVersion(labels, 'enforce')
  const warn = labels[`${PREFIX}/warn`] === undefined ? enforce : levelVersion(labels, 'warn')
  return { enforce, warn }
}

function levelVersion(labels: Readonly<Record<string, string>>, mode: string): LevelVersion {
  const named = labels[`${PREFIX}/${mode}`]
  const version = labels[`${PREFIX}/${mode}-version`] ?? 'latest'
  if (named === undefined) return { level: 'privileged', version }
  // A level that nobody knows is taken as the strictest: a typing mistake must not open the door.
  const level = LEVELS.find((one) => one === named) ?? 'restricted'
  return { level, version }
}

export const isOpen = ({ level }: LevelVersion): boolean => level === 'privileged'

export const isSame = (a: LevelVersion, b: LevelVersion): boolean =>
  a.level === b.level && a.version === b.version

const RESTRICTED_REPLACES = new Set(
  CHECKS.filter(({ level }) => level === 'restricted').map(({ replaces }) => replaces),
)

function checksOf(level: Level): readonly Check[] {
  if (level === 'privileged') return []
  if (level === 'baseline') return CHECKS.filter((check) => check.level === 'baseline')
  return CHECKS.filter(({ id }) => !RESTRICTED_REPLACES.has(id))
}

/** Everything a Pod does that the level does not allow, as one text; undefined when nothing. */
export function violationsOf(pod: PodLike, { level, version }: LevelVersion): string | undefined {
  const texts: string[] = []
  for (const check of checksOf(level)) {
    const violation = check.run(pod)
    if (violation) texts.push(`${violation.reason} (${violation.detail})`)
  }
  if (texts.length === 0) return undefined
  return `violate PodSecurity "${level}:${version}": ${texts.join(', ')}`
}
