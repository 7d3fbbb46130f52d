import type { Container, Pod, PodSpec } from '@miniplane/api'

/** What of a Pod a check looks at: a template has metadata and spec too. */
export interface PodLike {
  readonly metadata: Pod['metadata']
  readonly spec: PodSpec
}

/** What a Pod does that its namespace's level does not allow. */
export interface Violation {
  /** In a few words: `privileged`. */
  readonly reason: string
  /** Which parts do it, and what they must do instead. */
  readonly detail: string
}

export interface Check {
  readonly level: 'baseline' | 'restricted'
  /** A baseline check that a restricted one makes superfluous is named by that. */
  readonly id: string
  readonly replaces?: string
  run(pod: PodLike): Violation | undefined
}

const containersOf = ({ spec }: PodLike): Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
]

const quoted = (names: readonly string[]) => names.map((name) => `"${name}"`).join(', ')
const many = (word: string, count: number) => (count === 1 ? word : `${word}s`)

const containersText = (containers: readonly Container[]) =>
  `${many('container', containers.length)} ${quoted(containers.map(({ name }) => name))}`

/** A violation of some containers, when there are any. */
function byContainers(
  reason: string,
  containers: readonly Container[],
  demand: string,
): Violation | undefined {
  if (containers.length === 0) return undefined
  return { reason, detail: `${containersText(containers)} ${demand}` }
}

const HOST_NAMESPACES = ['hostNetwork', 'hostPID', 'hostIPC'] as const

const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  run({ spec }) {
    const shared = HOST_NAMESPACES.filter((field) => spec[field])
    if (shared.length === 0) return undefined
    return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') }
  },
}

const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  run({ spec }) {
    const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath).map(({ name }) => name)
    if (names.length === 0) return undefined
    return {
      reason: 'hostPath volumes',
      detail: `${many('volume', names.length)} ${quoted(names)}`,
    }
  },
}

const privileged: Check = {
  id: 'privileged',
  level: 'baseline',
  run: (pod) =>
    byContainers(
      'privileged',
      containersOf(pod).filter(({ securityContext }) => securityContext?.privileged),
      'must not set securityContext.privileged=true',
    ),
}

const DEFAULT_CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
)

const capabilitiesBaseline: Check = {
  id: 'capabilities_baseline',
  level: 'baseline',
  run(pod) {
    const bad: Container[] = []
    const forbidden = new Set<string>()
    for (const container of containersOf(pod)) {
      const added = container.securityContext?.capabilities?.add ?? []
      const extra = added.filter((one) => !DEFAULT_CAPABILITIES.has(one))
      if (extra.length === 0) continue
      bad.push(container)
      for (const one of extra) forbidden.add(one)
    }
    const demand = `must not include ${quoted([...forbidden].sort())} in securityContext.capabilities.add`
    return byContainers('non-default capabilities', bad, demand)
  },
}

const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  run(pod) {
    const ports = new Set<number>()
    const bad = containersOf(pod).filter((container) => {
      const own = (container.ports ?? []).map(({ hostPort }) => hostPort ?? 0).filter(Boolean)
      for (const port of own) ports.add(port)
      return own.length > 0
    })
    const list = [...ports].sort((a, b) => a - b)
    const verb = bad.length === 1 ? 'uses' : 'use'
    return byContainers(
      'hostPort',
      bad,
      `${verb} ${many('hostPort', list.length)} ${list.join(', ')}`,
    )
  },
}

const procMount: Check = {
  id: 'procMount',
  level: 'baseline',
  run(pod) {
    const isOther = ({ securityContext }: Container) =>
      securityContext?.procMount !== undefined && securityContext.procMount !== 'Default'
    const bad = containersOf(pod).filter(isOther)
    const types = [
      ...new Set(bad.map(({ securityContext }) => securityContext?.procMount ?? '')),
    ].sort()
    return byContainers(
      'procMount',
      bad,
      `must not set securityContext.procMount to ${quoted(types)}`,
    )
  },
}

/** Names who sets something forbidden: the Pod, some containers, or both. */
function setBy(_pod: PodLike, podIsBad: boolean, bad: readonly Container[]): string {
  const who: string[] = []
  if (podIsBad) who.push('pod')
  if (bad.length > 0) who.push(containersText(bad))
  return who.join(' and ')
}

const SELINUX_TYPES = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
])

const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  level: 'baseline',
  run(pod) {
    const types = new Set<string>()
    const faults = new Set<string>()
    const isBad = (options: { type?: string; user?: string; role?: string } | undefined) => {
      if (!options) return false
      const before = types.size + faults.size
      const type = options.type ?? ''
      let bad = false
      if (!SELINUX_TYPES.has(type)) {
        types.add(type)
        bad = true
      }
      for (const field of ['user', 'role'] as const) {
        if (!options[field]) continue
        faults.add(`${field} may not be set`)
        bad = true
      }
      return bad || types.size + faults.size > before
    }
    const podIsBad = isBad(pod.spec.securityContext?.seLinuxOptions)
    const bad = containersOf(pod).filter((one) => isBad(one.securityContext?.seLinuxOptions))
    if (!podIsBad && bad.length === 0) return undefined
    const typeFault =
      types.size > 0 ? [`${many('type', types.size)} ${quoted([...types].sort())}`] : []
    const detail = [
      ...typeFault,
      ...['user', 'role']
        .map((field) => `${field} may not be set`)
        .filter((one) => faults.has(one)),
    ]
    return {
      reason: 'seLinuxOptions',
      detail: `${setBy(pod, podIsBad, bad)} set forbidden securityContext.seLinuxOptions: ${detail.join('; ')}`,
    }
  },
}

const seccompBaseline: Check = {
  id: 'seccompProfile_baseline',
  level: 'baseline',
  run(pod) {
    const isBad = (profile: { type: string } | undefined) => profile?.type === 'Unconfined'
    const podIsBad = isBad(pod.spec.securityContext?.seccompProfile)
    const bad = containersOf(pod).filter((one) => isBad(one.securityContext?.seccompProfile))
    if (!podIsBad && bad.length === 0) return undefined
    return {
      reason: 'seccompProfile',
      detail: `${setBy(pod, podIsBad, bad)} must not set securityContext.seccompProfile.type to "Unconfined"`,
    }
  },
}

const appArmor: Check = {
  id: 'appArmorProfile',
  level: 'baseline',
  run(pod) {
    const isBad = (profile: { type: string } | undefined) => profile?.type === 'Unconfined'
    const podIsBad = isBad(pod.spec.securityContext?.appArmorProfile)
    const bad = containersOf(pod).filter((one) => isBad(one.securityContext?.appArmorProfile))
    if (!podIsBad && bad.length === 0) return undefined
    return {
      reason: 'forbidden AppArmor profile',
      detail: `${setBy(pod, podIsBad, bad)} must not set AppArmor profile type to "Unconfined"`,
    }
  },
}

const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

const sysctls: Check = {
  id: 'sysctls',
  level: 'baseline',
  run({ spec }) {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name)
    const bad = names.filter((name) => !SAFE_SYSCTLS.has(name))
    if (bad.length === 0) return undefined
    return { reason: 'forbidden sysctls', detail: bad.join(', ') }
  },
}

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
  level: 'restricted',
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

const isWindows = ({ spec }: PodLike) => spec.os?.name === 'windows'

const allowPrivilegeEscalation: Check = {
  id: 'allowPrivilegeEscalation',
  level: 'restricted',
  run: (pod) =>
    isWindows(pod)
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
  level: 'restricted',
  replaces: 'capabilities_baseline',
  run(pod) {
    if (isWindows(pod)) return undefined
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
  level: 'restricted',
  run(pod) {
    const whole = pod.spec.securityContext?.runAsNonRoot
    const all = containersOf(pod)
    const explicit = all.filter((one) => one.securityContext?.runAsNonRoot === false)
    if (explicit.length > 0 || whole === false) {
      const who = setBy(pod, whole === false, explicit)
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
  level: 'restricted',
  run(pod) {
    const podIsBad = pod.spec.securityContext?.runAsUser === 0
    const bad = containersOf(pod).filter((one) => one.securityContext?.runAsUser === 0)
    if (!podIsBad && bad.length === 0) return undefined
    return {
      reason: 'runAsUser=0',
      detail: `${setBy(pod, podIsBad, bad)} must not set runAsUser=0`,
    }
  },
}

const SECCOMP_TYPES = new Set(['RuntimeDefault', 'Localhost'])

const seccompRestricted: Check = {
  id: 'seccompProfile_restricted',
  level: 'restricted',
  replaces: 'seccompProfile_baseline',
  run(pod) {
    if (isWindows(pod)) return undefined
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
      const detail = `${setBy(pod, podIsBad, explicit)} must not set securityContext.seccompProfile.type to ${quoted([...types].sort())}`
      return { reason: 'seccompProfile', detail }
    }
    if (whole) return undefined
    const silent = all.filter((one) => typeOf(one) === undefined)
    if (silent.length === 0) return undefined
    const detail = `pod or ${containersText(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`
    return { reason: 'seccompProfile', detail }
  },
}

/** In the order in which violations are listed. */
export const CHECKS: readonly Check[] = [
  appArmor,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  privileged,
  procMount,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
]
