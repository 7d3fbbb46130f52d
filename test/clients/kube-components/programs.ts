import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, httpsTransport } from '@miniplane/client'

import { eventually } from '../../support/eventually.js'
import { freePort } from '../../support/free-port.js'
import { TalkingProgram } from '../../support/talking-program.js'

const program = (name: string) => fileURLToPath(new URL(`../bin/${name}`, import.meta.url))
export const isBuilt = (...names: readonly string[]) =>
  names.every((name) => existsSync(program(name)))

/** Who the components are to the server: its roles are bound to these names. */
export const USERS = [
  { token: 'admin-token', name: 'admin', groups: ['system:masters'] },
  { token: 'controllers-token', name: 'system:kube-controller-manager', groups: [] },
  { token: 'scheduler-token', name: 'system:kube-scheduler', groups: [] },
] as const

export interface Components extends AsyncDisposable {
  readonly controllerManager: TalkingProgram
  readonly scheduler: TalkingProgram
}

/** The real controllers and the real scheduler on `server`, with the default of nearly every flag. */
export async function startComponents(server: string, folder: string): Promise<Components> {
  const [managerPort, schedulerPort] = await Promise.all([freePort(), freePort()])
  const keys = makeKeys(folder)
  const common = (name: string, token: string, port: number) => {
    const kubeconfig = writeKubeconfig(join(folder, `${name}.kubeconfig`), server, token)
    return [
      ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
        (flag) => `--${flag}=${kubeconfig}`,
      ),
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${join(folder, `${name}-certificates`)}`,
    ]
  }
  const controllerManager = new TalkingProgram(program('kube-controller-manager'), [
    ...common('controllers', 'controllers-token', managerPort),
    '--use-service-account-credentials',
    '--controllers=*',
    `--root-ca-file=${keys.authority}`,
    `--cluster-signing-cert-file=${keys.authority}`,
    `--cluster-signing-key-file=${keys.authorityKey}`,
    `--service-account-private-key-file=${keys.accounts}`,
  ])
  const scheduler = new TalkingProgram(
    program('kube-scheduler'),
    common('scheduler', 'scheduler-token', schedulerPort),
  )
  await Promise.all(
    [managerPort, schedulerPort].map((port) => healthy(`https://127.0.0.1:${port}`)),
  )
  return {
    controllerManager,
    scheduler,
    async [Symbol.asyncDispose]() {
      await controllerManager[Symbol.asyncDispose]()
      await scheduler[Symbol.asyncDispose]()
    },
  }
}

/** A real kubelet, but for its containers: they run by being asked to. */
export async function startHollowNode(
  server: string,
  {
    name,
    token,
    folder,
  }: { readonly name: string; readonly token: string; readonly folder: string },
): Promise<TalkingProgram> {
  const [port, readOnlyPort] = await Promise.all([freePort(), freePort()])
  return new TalkingProgram(program('hollow-node'), [
    '--morph=kubelet',
    `--name=${name}`,
    `--kubeconfig=${writeKubeconfig(join(folder, `${name}.kubeconfig`), server, token)}`,
    `--cert-dir=${folder}`,
    `--kubelet-port=${port}`,
    `--kubelet-read-only-port=${readOnlyPort}`,
    '--use-host-image-service=false',
  ])
}

/** The real API server on a real etcd. */
export async function startRealServer(
  folder: string,
): Promise<{ server: string } & AsyncDisposable> {
  const [etcdPort, peerPort, port] = await Promise.all([freePort(), freePort(), freePort()])
  const keys = makeKeys(folder)
  const etcdUrl = `http://127.0.0.1:${etcdPort}`
  const peerUrl = `http://127.0.0.1:${peerPort}`
  const etcd = new TalkingProgram(program('etcd'), [
    `--data-dir=${join(folder, 'etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--log-level=error',
  ])
  const tokens = join(folder, 'tokens.csv')
  writeFileSync(
    tokens,
    USERS.map(({ token, name, groups }) => `${token},${name},,"${groups.join(',')}"\n`).join(''),
  )
  const apiServer = new TalkingProgram(program('kube-apiserver'), [
    `--etcd-servers=${etcdUrl}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certificates')}`,
    `--token-auth-file=${tokens}`,
    '--authorization-mode=Node,RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${keys.accounts}`,
    `--service-account-signing-key-file=${keys.accounts}`,
    `--client-ca-file=${keys.authority}`,
  ])
  const server = `https://127.0.0.1:${port}`
  await healthy(server)
  return {
    server,
    async [Symbol.asyncDispose]() {
      await apiServer[Symbol.asyncDispose]()
      await etcd[Symbol.asyncDispose]()
    },
  }
}

/** A client with the admin's rights, known as `script`. */
export const adminOf = (server: string): Client =>
  new Client(
    httpsTransport({
      server,
      insecureSkipTlsVerify: true,
      token: 'admin-token',
      userAgent: 'script',
    }),
  )

const healthy = (server: string) =>
  eventually(async () => {
    const { status } = await adminOf(server).request({ method: 'GET', path: '/healthz' })
    if (status !== 200) throw new Error(`${server} is not healthy: ${status}`)
  }, 60_000)

function makeKeys(folder: string) {
  const [accounts, authority, authorityKey] = ['accounts.key', 'ca.crt', 'ca.key'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  const openssl = (...args: readonly string[]) => {
    execFileSync('openssl', args, { stdio: 'ignore' })
  }
  if (!existsSync(authority)) {
    openssl('genrsa', '-out', accounts, '2048')
    openssl(
      ...[
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '30',
        '-subj',
        '/CN=components',
      ],
      ...['-keyout', authorityKey, '-out', authority],
    )
  }
  return { accounts, authority, authorityKey }
}

function writeKubeconfig(path: string, server: string, token: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token } }],
  }
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}
