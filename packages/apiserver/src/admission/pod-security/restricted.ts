import type { Container } from '@miniplane/api'
import { procMountViolation } from './baseline.js'
import {
  byContainers,
  type Check,
  containersOf,
  containersText,
  hasOwnUsers,
  many,
  type PodLike,
  quoted,
  setBy,
} from './check.js'

const ALLOWED_VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

const restrictedVolumes: Check = {
  id: 'restrictedVolumes',
  replaces: 'hostPathVolumes',
  run({ spec }) {
    const bad: string[] = []
    const types = new Set<string>()
    for (const { name, ...source } of spec.volumes ?? []) {
      const type = Object.keys(source)[0] ?? 'unknown'
      if (ALLOWED_VOLUMES.has(type)) continue
      bad.push(name)
      types.add(type)
    }
    if (bad.length === 0) return undefined
    const verb = bad.length === 1 ? 'uses' : 'use'
    const detail = `${many('volume', bad.length)} ${quoted(bad)} ${verb} restricted volume ${many('type', types.size)} ${quoted([...types].sort())}`
    return { reason: 'restricted volume types', detail }
  },
}

/** Since 1.25 what means nothing to Windows is not asked of its Pods. */
const isWindows = ({ spec }: PodLike, version: number) =>
  version >= 25 && spec.os?.name === 'windows'

const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  since: 8,
  run: (pod, version) =>
    isWindows(pod, version)
      ? undefined
      : byContainers(
          'allowPrivilegeEscalation != false',
          containersOf(pod).filter(
            (one) => one.securityContext?.allowPrivilegeEscalation !== false,
          ),
          'must set securityContext.allowPrivilegeEscalation=false',
        ),
}

const capabilitiesRestricted: Check = {
  id: 'capabilities_restricted',
  since: 22,
  replaces: 'capabilities_baseline',
  run(pod, version) {
    if (isWindows(pod, version)) return undefined
    const all = containersOf(pod)
    const keeps = all.filter((one) => !one.securityContext?.capabilities?.drop?.includes('ALL'))
    const extra = new Set<string>()
    const adds = all.filter((one) => {
      const bad = (one.securityContext?.capabilities?.add ?? []).filter(
        (name) => name !== 'NET_BIND_SERVICE',
      )
      for (const name of bad) extra.add(name)
      return bad.length > 0
    })
    const details: string[] = []
    if (keeps.length > 0) {
      details.push(`${containersText(keeps)} must set securityContext.capabilities.drop=["ALL"]`)
    }
    if (adds.length > 0) {
      details.push(
        `${containersText(adds)} must not include ${quoted([...extra].sort())} in securityContext.capabilities.add`,
      )
    }
    if (details.length === 0) return undefined
    return { reason: 'unrestricted capabilities', detail: details.join('; ') }
  },
}

const runAsNonRoot: Check = {
  id: 'runAsNonRoot',
  run(pod, version) {
    if (hasOwnUsers(pod, version)) return undefined
    const whole = pod.spec.securityContext?.runAsNonRoot
    const all = containersOf(pod)
    const explicit = all.filter((one) => one.securityContext?.runAsNonRoot === false)
    if (explicit.length > 0 || whole === false) {
      const who = setBy(whole === false, explicit)
      return {
        reason: 'runAsNonRoot != true',
        detail: `${who} must not set securityContext.runAsNonRoot=false`,
      }
    }
    if (whole) return undefined
    const silent = all.filter((one) => one.securityContext?.runAsNonRoot === undefined)
    if (silent.length === 0) return undefined
    const detail = `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true`
    return { reason: 'runAsNonRoot != true', detail }
  },
}

const runAsUser: Check = {
  id: 'runAsUser',
  since: 23,
  run(pod, version) {
    if (hasOwnUsers(pod, version)) return undefined
    const podIsBad = pod.spec.securityContext?.runAsUser === 0
    const bad = containersOf(pod).filter((one) => one.securityContext?.runAsUser === 0)
    if (!podIsBad && bad.length === 0) return undefined
    return {
      reason: 'runAsUser=0',
      detail: `${setBy(podIsBad, bad)} must not set runAsUser=0`,
    }
  },
}

const SECCOMP_TYPES = new Set(['RuntimeDefault', 'Localhost'])

const seccompRestricted: Check = {
  id: 'seccompProfile_restricted',
  since: 19,
  replaces: 'seccompProfile_baseline',
  run(pod, version) {
    if (isWindows(pod, version)) return undefined
    const whole = pod.spec.securityContext?.seccompProfile?.type
    const all = containersOf(pod)
    const typeOf = (one: Container) => one.securityContext?.seccompProfile?.type
    const explicit = all.filter(
      (one) => typeOf(one) !== undefined && !SECCOMP_TYPES.has(typeOf(one) ?? ''),
    )
    const podIsBad = whole !== undefined && !SECCOMP_TYPES.has(whole)
    if (podIsBad || explicit.length > 0) {
      const types = new Set([
        ...(podIsBad ? [whole] : []),
        ...explicit.map((one) => typeOf(one) ?? ''),
      ])
      const detail = `${setBy(podIsBad, explicit)} must not set securityContext.seccompProfile.type to ${quoted([...types].sort())}`
      return { reason: 'seccompProfile', detail }
    }
    if (whole) return undefined
    const silent = all.filter((one) => typeOf(one) === undefined)
    if (silent.length === 0) return undefined
    const detail = `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`
    return { reason: 'seccompProfile', detail }
  },
}

/** Users of its own open a Pod's `/proc` for the baseline only. */
const procMountRestricted: Check = {
  id: 'procMount_restricted',
  since: 35,
  replaces: 'procMount',
  run: procMountViolation,
}

/** In the order in which violations are listed. */
export const RESTRICTED: readonly Check[] = [
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  procMountRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
]
