import type { PodSpec } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { isStricter, policyOf, reasonsOf, violationsOf } from './policy.js'

const PREFIX = 'pod-security.kubernetes.io'
const ask = (labels: Record<string, string>) =>
  policyOf(Object.fromEntries(Object.entries(labels).map(([key, v]) => [`${PREFIX}/${key}`, v])))
const pod = (spec: object) => ({ spec: { containers: [{ name: 'c' }], ...spec } as PodSpec })
const violations = (spec: object, level: string, version = 'latest') =>
  reasonsOf(pod(spec), { level: level as 'baseline', version })

describe('labels of a namespace', () => {
  it.each([
    [{}, 'privileged:latest', 'privileged:latest'],
    [{ enforce: 'baseline' }, 'baseline:latest', 'baseline:latest'],
    [{ enforce: 'restricted', 'enforce-version': 'v1.20' }, 'restricted:v1.20', 'restricted:v1.20'],
    [{ enforce: 'restricted', 'warn-version': 'v1.2' }, 'restricted:latest', 'restricted:v1.2'],
    [{ enforce: 'restricted', warn: 'baseline' }, 'restricted:latest', 'baseline:latest'],
    // A mistake must not open the door, and warns of nothing.
    [{ enforce: 'x' }, 'restricted:latest', 'privileged:latest'],
    [{ warn: 'x' }, 'privileged:latest', 'privileged:latest'],
  ])('%o', (labels, enforce, warn) => {
    const policy = ask(labels as Record<string, string>)
    const shown = ({ level, version }: { level: string; version: string }) => `${level}:${version}`
    expect([shown(policy.enforce), shown(policy.warn)]).toEqual([enforce, warn])
  })

  it('that nobody understands are faults', () => {
    const { faults } = ask({ enforce: 'x', 'audit-version': 'v2', warn: '' })
    expect(faults.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      `metadata.labels[${PREFIX}/enforce]: Invalid value: "x": must be one of privileged, baseline, restricted`,
      `metadata.labels[${PREFIX}/audit-version]: Invalid value: "v2": must be "latest" or "v1.x"`,
      `metadata.labels[${PREFIX}/warn]: Invalid value: "": must be one of privileged, baseline, restricted`,
    ])
  })

  it('can be stricter than others', () => {
    const [open, base, old] = [
      ask({}),
      ask({ enforce: 'baseline' }),
      ask({ enforce: 'baseline', 'enforce-version': 'v1.20' }),
    ].map(({ enforce }) => enforce)
    if (!open || !base || !old) throw new Error('three policies')
    expect(isStricter(base, open)).toBe(true)
    expect(isStricter(open, base)).toBe(false)
    expect(isStricter(base, base)).toBe(false)
    expect(isStricter(old, base)).toBe(true)
  })
})

describe('what a level began to ask, and when', () => {
  const probed = { containers: [{ name: 'c', livenessProbe: { httpGet: { host: 'h', port: 1 } } }] }
  const unmasked = {
    hostUsers: false,
    containers: [{ name: 'c', securityContext: { procMount: 'Unmasked' } }],
  }
  const sysctl = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } })
  const seLinux = { securityContext: { seLinuxOptions: { type: 'container_engine_t' } } }
  it.each([
    ['hosts of probes', probed, 'v1.33', undefined],
    ['hosts of probes', probed, 'v1.34', 'probe or lifecycle host'],
    ['/proc of a Pod with users of its own', unmasked, 'v1.34', 'procMount'],
    ['/proc of a Pod with users of its own', unmasked, 'v1.35', undefined],
    ['a buffer', sysctl('net.ipv4.tcp_rmem'), 'v1.31', 'forbidden sysctls'],
    ['a buffer', sysctl('net.ipv4.tcp_rmem'), 'v1.32', undefined],
    ['a type of SELinux', seLinux, 'v1.30', 'seLinuxOptions'],
    ['a type of SELinux', seLinux, 'latest', undefined],
    [
      'parts of a Windows host',
      { securityContext: { windowsOptions: { hostProcess: true } } },
      'latest',
      'hostProcess',
    ],
  ])('%s: %o in %s', (_what, spec, version, reasons) => {
    expect(violations(spec, 'baseline', version)).toBe(reasons)
  })

  it('the restricted level replaces what it makes stricter', () => {
    expect(violations(unmasked, 'restricted')).toContain('procMount')
    expect(violations({ os: { name: 'windows' } }, 'restricted', 'v1.24')).toContain('capabilities')
    expect(violations({ os: { name: 'windows' } }, 'restricted', 'v1.25')).toBe(
      'runAsNonRoot != true',
    )
  })

  it('says all of it', () => {
    const { spec } = pod(probed)
    expect(violationsOf({ spec }, { level: 'baseline', version: 'latest' })).toBe(
      'violate PodSecurity "baseline:latest": probe or lifecycle host (container "c" uses probe or lifecycle host "h")',
    )
  })
})
