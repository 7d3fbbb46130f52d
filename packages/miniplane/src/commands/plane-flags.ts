import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AUTHORIZATION_MODES,
  type AuthorizationMode,
  STORAGE_MEDIA_TYPES,
  type StorageMediaType,
} from '@miniplane/apiserver'
import { hollowKubeletLimits } from '@miniplane/controllers'
import { StoreError } from '@miniplane/store'
import { type Command, InvalidArgumentError } from 'commander'
import type { Level } from 'pino'
import { type ControlPlane, startControlPlane } from '../control-plane.js'
import type { EtcdOptions } from '../options.js'
import { programLog } from '../program-log.js'

/** What `up` and `start` have in common. */
export interface PlaneFlags {
  readonly nodes: number
  readonly securePort: number
  readonly bindAddress: string
  readonly kubeconfig?: string
  readonly logLevel: Level
  readonly dataDir?: string
  readonly etcdServers?: readonly string[]
  readonly etcdPrefix: string
  readonly storageMediaType: StorageMediaType
  readonly etcdCafile?: string
  readonly etcdCertfile?: string
  readonly etcdKeyfile?: string
  readonly authorizationMode: readonly AuthorizationMode[]
  readonly enableAdmissionPlugins: readonly string[]
  readonly disableAdmissionPlugins: readonly string[]
}

const { nodesMax } = hollowKubeletLimits
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal']

export const withPlaneFlags = (command: Command): Command =>
  command
    .option('--nodes <count>', `hollow nodes to run (0 to ${nodesMax})`, integer(0, nodesMax), 2)
    .option(
      '--secure-port <port>',
      'port of the API server; 0 takes a free one',
      integer(0, 65535),
      0,
    )
    .option('--bind-address <ip>', 'address on which the API server listens', '127.0.0.1')
    .option('--kubeconfig <file>', 'where to write the kubeconfig (default: a temporary file)')
    .option('--data-dir <folder>', 'keep the state on disk, in this folder (default: memory)')
    .option(
      '--etcd-servers <urls>',
      'etcd to keep the state in, comma separated (default: memory of this process)',
      (text: string) => text.split(','),
    )
    .option('--etcd-prefix <prefix>', 'in front of every key in etcd', '/registry')
    .option('--etcd-cafile <file>', 'certificate authority of the etcd servers')
    .option('--etcd-certfile <file>', 'client certificate to show to etcd')
    .option('--etcd-keyfile <file>', 'its private key')
    .option(
      '--storage-media-type <type>',
      `what objects are written to the store as, one of ${STORAGE_MEDIA_TYPES.join(', ')}`,
      storageMediaType,
      'application/json',
    )
    .option(
      '--authorization-mode <modes>',
      `who decides what users may do, comma separated, of ${AUTHORIZATION_MODES.join(', ')}`,
      authorizationModes,
      ['Node', 'RBAC'],
    )
    .option(
      '--enable-admission-plugins <names>',
      "plugins beside the default ones, comma separated, by the real server's names",
      names,
      [],
    )
    .option('--disable-admission-plugins <names>', 'plugins to leave out', names, [])
    .option('--log-level <level>', `one of ${LOG_LEVELS.join(', ')}`, logLevel, 'warn')

export interface RunningPlane {
  readonly plane: ControlPlane
  readonly kubeconfigPath: string
  close(): Promise<void>
}

/** Starts a plane as the flags say; what it wrote is removed when it is closed. */
export async function startPlane(flags: PlaneFlags): Promise<RunningPlane> {
  const folder =
    flags.kubeconfig === undefined ? mkdtempSync(join(tmpdir(), 'miniplane-')) : undefined
  const kubeconfigPath = flags.kubeconfig ?? join(folder ?? '', 'kubeconfig')
  const removeFolder = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
  try {
    const plane = await startControlPlane({
      nodes: flags.nodes,
      https: { host: flags.bindAddress, port: flags.securePort },
      kubeconfigPath,
      ...(flags.dataDir !== undefined && { dataDir: flags.dataDir }),
      ...etcdOptions(flags),
      storageMediaType: flags.storageMediaType,
      authorizationModes: flags.authorizationMode,
      enableAdmissionPlugins: flags.enableAdmissionPlugins,
      disableAdmissionPlugins: flags.disableAdmissionPlugins,
      log: programLog(flags.logLevel),
    })
    return {
      plane,
      kubeconfigPath,
      async close() {
        try {
          await plane.close()
        } finally {
          removeFolder()
        }
      },
    }
  } catch (error) {
    removeFolder()
    throw error
  }
}

function etcdOptions(flags: PlaneFlags): { etcd?: EtcdOptions } {
  const { etcdServers: servers, etcdPrefix: prefix } = flags
  if (servers === undefined) return {}
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file))
  const tls = {
    ca: read(flags.etcdCafile),
    cert: read(flags.etcdCertfile),
    key: read(flags.etcdKeyfile),
  }
  return { etcd: { servers, prefix, tls } }
}

/** A system error in words that say what to do. */
export function explainStartError(error: unknown, flags: PlaneFlags): string | undefined {
  if (!(error instanceof Error)) return undefined
  const servers = flags.etcdServers?.join(',')
  if (error instanceof StoreError) return `etcd at ${servers} does not serve: ${error.message}`
  if (error instanceof TypeError && error.message.startsWith('endpoint '))
    return `--etcd-servers: ${error.message}`
  if (error.name === 'AdmissionSelectionError') return error.message
  if (error.name === 'DiskError' || error.name === 'WalError') return `--data-dir: ${error.message}`
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return `port ${flags.securePort} of ${flags.bindAddress} is in use: stop what listens there, or choose another with --secure-port (0 takes a free one)`
    case 'EADDRNOTAVAIL':
      return `${flags.bindAddress} is no address of this machine: choose another with --bind-address`
    case 'EEXIST':
      return error.message
    case 'ENOENT':
      return `${error.message}: choose another --kubeconfig or --etcd-…file`
    case 'EACCES':
    case 'EROFS':
    case 'ENOTDIR':
    case 'EISDIR':
      return `${error.message}: choose another --secure-port or --kubeconfig`
    default:
      return undefined
  }
}

const names = (text: string): string[] => text.split(',').filter(Boolean)

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
    }
    return value
  }
}

function authorizationModes(text: string): string[] {
  const modes = text.split(',')
  const known: readonly string[] = AUTHORIZATION_MODES
  if (modes.some((mode, i) => !known.includes(mode) || modes.indexOf(mode) < i)) {
    throw new InvalidArgumentError(`It must be some of ${known.join(', ')}, each once.`)
  }
  return modes
}

function storageMediaType(text: string): string {
  if (!STORAGE_MEDIA_TYPES.some((type) => type === text)) {
    throw new InvalidArgumentError(`It must be one of ${STORAGE_MEDIA_TYPES.join(', ')}.`)
  }
  return text
}

function logLevel(text: string): string {
  if (!LOG_LEVELS.includes(text)) {
    throw new InvalidArgumentError(`It must be one of ${LOG_LEVELS.join(', ')}.`)
  }
  return text
}
