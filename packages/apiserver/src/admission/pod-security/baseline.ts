import type { Container, LifecycleHandler, Probe } from '@miniplane/api'
import {
  byContainers,
  type Check,
  containersOf,
  hasOwnUsers,
  many,
  type PodLike,
  quoted,
  setBy,
  type Violation,
} from './check.js'

const HOST_NAMESPACES = ['hostNetwork', 'hostPID', 'hostIPC'] as const

const hostNamespaces: Check = {
  id: 'hostNamespaces',
  run({ spec }) {
    const shared = HOST_NAMESPACES.filter((field) => spec[field])
    if (shared.length === 0) return undefined
    return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') }
  },
}

const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
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
  run(pod) {
    const ports = new Set<number>()
    const bad = containersOf(pod).filter((container) => {
      const own = (container.ports ?? []).map(({ hostPort }) => hostPort ?? 0).filter(Boolean)
      for (const port of own) ports.add(port)
      return own.length > 0
    })
    // As text: 443 comes after 4000.
    const list = [...ports].map(String).sort()
    const verb = bad.length === 1 ? 'uses' : 'use'
    return byContainers(
      'hostPort',
      bad,
      `${verb} ${many('hostPort', list.length)} ${list.join(', ')}`,
    )
  },
}

export function procMountViolation(pod: PodLike): Violation | undefined {
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
}

const procMount: Check = {
  id: 'procMount',
  run: (pod, version) => (hasOwnUsers(pod, version) ? undefined : procMountViolation(pod)),
}

type Hooked = Probe | LifecycleHandler | undefined

const hostProbes: Check = {
  id: 'hostProbesAndHostLifecycle',
  since: 34,
  run(pod) {
    const hosts = new Set<string>()
    const bad = new Set<string>()
    for (const { name, lifecycle, ...probes } of containersOf(pod)) {
      const { livenessProbe, readinessProbe, startupProbe } = probes
      const hooks: Hooked[] = [livenessProbe, readinessProbe, startupProbe]
      hooks.push(lifecycle?.postStart, lifecycle?.preStop)
      for (const host of hooks.flatMap((one) => [one?.httpGet?.host, one?.tcpSocket?.host])) {
        if (!host) continue
        hosts.add(host)
        bad.add(name)
      }
    }
    if (bad.size === 0) return undefined
    const who = `${many('container', bad.size)} ${quoted([...bad].sort())}`
    const what = `${many('probe or lifecycle host', hosts.size)} ${quoted([...hosts].sort())}`
    const verb = bad.size === 1 ? 'uses' : 'use'
    return { reason: 'probe or lifecycle host', detail: `${who} ${verb} ${what}` }
  },
}

const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  run(pod) {
    const podIsBad = pod.spec.securityContext?.windowsOptions?.hostProcess === true
    const bad = containersOf(pod).filter(
      ({ securityContext }) => securityContext?.windowsOptions?.hostProcess,
    )
    if (!podIsBad && bad.length === 0) return undefined
    const detail = `${setBy(podIsBad, bad)} must not set securityContext.windowsOptions.hostProcess=true`
    return { reason: 'hostProcess', detail }
  },
}

/** By the version that began to allow them. */
const SELINUX_TYPES: Readonly<Record<string, number>> = {
  '': 0,
  container_t: 0,
  container_init_t: 0,
  container_kvm_t: 0,
  container_engine_t: 31,
}

const seLinuxOptions: Check = {
  id: 'seLinuxOptions',
  run(pod, version) {
    const types = new Set<string>()
    const faults = new Set<string>()
    const isBad = (options: { type?: string; user?: string; role?: string } | undefined) => {
      if (!options) return false
      const before = types.size + faults.size
      const type = options.type ?? ''
      let bad = false
      if (!((SELINUX_TYPES[type] ?? Number.NaN) <= version)) {
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
      detail: `${setBy(podIsBad, bad)} set forbidden securityContext.seLinuxOptions: ${detail.join('; ')}`,
    }
  },
}

const seccompBaseline: Check = {
  id: 'seccompProfile_baseline',
  since: 19,
  run(pod) {
    const isBad = (profile: { type: string } | undefined) => profile?.type === 'Unconfined'
    const podIsBad = isBad(pod.spec.securityContext?.seccompProfile)
    const bad = containersOf(pod).filter((one) => isBad(one.securityContext?.seccompProfile))
    if (!podIsBad && bad.length === 0) return undefined
    return {
      reason: 'seccompProfile',
      detail: `${setBy(podIsBad, bad)} must not set securityContext.seccompProfile.type to "Unconfined"`,
    }
  },
}

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const APP_ARMOR_ALLOWED = /^(|runtime\/default|localhost\/.*)$/

const appArmor: Check = {
  id: 'appArmorProfile',
  run(pod) {
    const isBad = (profile: { type: string } | undefined) => profile?.type === 'Unconfined'
    const podIsBad = isBad(pod.spec.securityContext?.appArmorProfile)
    const bad = containersOf(pod).filter((one) => isBad(one.securityContext?.appArmorProfile))
    const who = podIsBad || bad.length > 0 ? [setBy(podIsBad, bad)] : []
    const values = who.length > 0 ? ['Unconfined'] : []
    const annotations = Object.entries(pod.metadata?.annotations ?? {})
      .filter(([key, value]) => key.startsWith(APP_ARMOR) && !APP_ARMOR_ALLOWED.test(value))
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    if (annotations.length > 0) who.push(many('annotation', annotations.length))
    values.push(...annotations.sort())
    if (who.length === 0) return undefined
    return {
      reason: many('forbidden AppArmor profile', values.length),
      detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(values)}`,
    }
  },
}

/** By the version that began to allow them. */
const SAFE_SYSCTLS: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
}

const sysctls: Check = {
  id: 'sysctls',
  run({ spec }, version) {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name)
    const bad = names.filter((name) => !((SAFE_SYSCTLS[name] ?? Number.NaN) <= version))
    if (bad.length === 0) return undefined
    return { reason: 'forbidden sysctls', detail: bad.join(', ') }
  },
}

/** In the order in which violations are listed. */
export const BASELINE: readonly Check[] = [
  appArmor,
  capabilitiesBaseline,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostProbes,
  privileged,
  procMount,
  seLinuxOptions,
  seccompBaseline,
  sysctls,
  windowsHostProcess,
]
