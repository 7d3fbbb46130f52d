import { parseDuration } from '@miniplane/api'
import {
  AUTHORIZATION_MODES,
  type AuthorizationMode,
  type StorageMediaType,
  versionInfo,
} from '@miniplane/apiserver'
import { Command, InvalidArgumentError, Option } from 'commander'

/** What the program takes, under the real server's names. */
export interface ServerFlags {
  readonly bindAddress: string
  readonly securePort: number
  readonly certDir?: string
  readonly tlsCertFile?: string
  readonly tlsPrivateKeyFile?: string
  readonly clientCaFile?: string
  readonly tokenAuthFile?: string
  readonly anonymousAuth: boolean
  readonly apiAudiences?: readonly string[]
  readonly serviceAccountIssuer?: readonly string[]
  readonly serviceAccountKeyFile: readonly string[]
  readonly serviceAccountSigningKeyFile?: string
  /** In seconds. */
  readonly serviceAccountMaxTokenExpiration?: number
  readonly proxyClientCertFile?: string
  readonly proxyClientKeyFile?: string
  readonly requestheaderClientCaFile?: string
  readonly requestheaderAllowedNames: readonly string[]
  readonly requestheaderUsernameHeaders: readonly string[]
  readonly requestheaderUidHeaders: readonly string[]
  readonly requestheaderGroupHeaders: readonly string[]
  readonly requestheaderExtraHeadersPrefix: readonly string[]
  readonly etcdServers: readonly string[]
  readonly etcdPrefix: string
  readonly etcdCafile?: string
  readonly etcdCertfile?: string
  readonly etcdKeyfile?: string
  readonly storageMediaType: StorageMediaType
  readonly serviceClusterIpRange: string
  readonly authorizationMode: readonly AuthorizationMode[]
  readonly enableAdmissionPlugins: readonly string[]
  readonly disableAdmissionPlugins: readonly string[]
}

/** What other programs give a real server, and what means nothing, or not yet, to this one. */
const WITHOUT_EFFECT = [
  ...['advertise-address', 'allow-privileged', 'event-ttl'],
  ...['audit-log-format', 'audit-log-maxage', 'audit-log-maxbackup', 'audit-log-maxsize'],
  ...['audit-log-path', 'audit-policy-file', 'default-watch-cache-size', 'watch-cache'],
  ...['delete-collection-workers', 'emulated-version', 'enable-aggregator-routing'],
  ...['enable-bootstrap-token-auth', 'enable-garbage-collector', 'enable-priority-and-fairness'],
  ...['encryption-provider-config', 'endpoint-reconciler-type', 'etcd-compaction-interval'],
  ...['external-hostname', 'feature-gates', 'goaway-chance', 'kubelet-certificate-authority'],
  ...['kubelet-client-certificate', 'kubelet-client-key', 'kubelet-preferred-address-types'],
  ...['max-mutating-requests-inflight', 'max-requests-inflight', 'min-request-timeout'],
  ...['profiling', 'request-timeout'],
  ...['runtime-config', 'service-account-jwks-uri', 'service-account-lookup'],
  ...['service-node-port-range', 'shutdown-delay-duration', 'tls-cipher-suites', 'tls-min-version'],
  ...['v', 'vmodule'],
]

/** The command line of `kube-apiserver`; `--flag=value` and `--flag value` mean the same. */
export function serverCommand(): Command {
  const command = new Command('kube-apiserver')
    .description("Miniplane's API server under the real one's name and flags, over an etcd.")
    .version(`Kubernetes ${versionInfo.gitVersion}`, '--version', 'print the version')
    .option('--bind-address <ip>', 'address to listen on', '0.0.0.0')
    .option('--secure-port <port>', 'port to listen on; 0 takes a free one', port, 6443)
    .option('--cert-dir <folder>', 'where apiserver.crt and apiserver.key may be')
    .option('--tls-cert-file <file>', 'the certificate to show (default: made at the start)')
    .option('--tls-private-key-file <file>', 'its private key')
    .option(
      '--client-ca-file <file>',
      "authorities of client certificates, beside the server's own",
    )
    .option('--token-auth-file <file>', 'users by tokens: lines of token,user,uid,"group1,group2"')
    .option(
      '--anonymous-auth [bool]',
      'whether requests without credentials are anonymous',
      yes,
      true,
    )
    .option('--api-audiences <names>', 'who this server is (default: the issuers)', list)
    .option('--service-account-issuer <url>', 'issuer of tokens; the first signs', list)
    .option('--service-account-key-file <file>', 'keys of tokens that are believed', list, [])
    .option('--service-account-signing-key-file <file>', 'key that tokens are signed with')
    .option('--service-account-max-token-expiration <time>', 'no token lasts longer', expiration)
    .option('--proxy-client-cert-file <file>', 'shown to servers behind API services')
    .option('--proxy-client-key-file <file>', 'its private key')
    .option('--requestheader-client-ca-file <file>', 'authorities of front proxies')
    .option('--requestheader-allowed-names <names>', 'their common names (default: any)', list, [])
    .option('--requestheader-username-headers <names>', 'who asks, as they say it', list, [])
    .option('--requestheader-uid-headers <names>', 'his uid', list, [])
    .option('--requestheader-group-headers <names>', 'his groups', list, [])
    .option('--requestheader-extra-headers-prefix <prefixes>', 'what else is said of him', list, [])
    .requiredOption('--etcd-servers <urls>', 'etcd to keep the state in, comma separated', list)
    .option('--etcd-prefix <prefix>', 'in front of every key in etcd', '/registry')
    .option('--etcd-cafile <file>', 'certificate authority of the etcd servers')
    .option('--etcd-certfile <file>', 'client certificate to show to etcd')
    .option('--etcd-keyfile <file>', 'its private key')
    .option('--storage-media-type <type>', 'form of objects in etcd', 'application/json')
    .option('--service-cluster-ip-range <cidr>', 'where cluster IPs come from', '10.0.0.0/24')
    .option('--authorization-mode <modes>', 'who decides, in this order', modes, ['AlwaysAllow'])
    .option('--enable-admission-plugins <names>', 'beside the default ones', list, [])
    .option('--disable-admission-plugins <names>', 'plugins to leave out', list, [])
    .showHelpAfterError('(run with --help for what there is)')
  for (const name of WITHOUT_EFFECT)
    command.addOption(new Option(`--${name} [value]`, 'accepted; has no effect here'))
  return command
}

/** The flags on the command line that do nothing. */
export function withoutEffect(command: Command): string[] {
  const isGiven = (name: string) =>
    command.getOptionValueSource(name.replace(/-./g, (dash) => dash.slice(1).toUpperCase()))
  return WITHOUT_EFFECT.filter(isGiven)
}

/** Comma separated; a flag that comes again adds to what came before. */
const list = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text.split(',').filter(Boolean),
]

function yes(text: string): boolean {
  if (/^(?:1|t|true)$/i.test(text)) return true
  if (/^(?:0|f|false)$/i.test(text)) return false
  throw new InvalidArgumentError('It must be true or false.')
}

const HOUR_SECONDS = 3600
const TOKEN_SECONDS_MAX = 2 ** 32

/** In seconds. */
function expiration(text: string): number {
  const seconds = parseDuration(text) / 1000
  if (!(seconds >= HOUR_SECONDS && seconds <= TOKEN_SECONDS_MAX))
    throw new InvalidArgumentError('It must be between 1 hour and 2^32 seconds.')
  return seconds
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('It must be a port, from 0 to 65535.')
  return Number(text)
}

function modes(text: string): string[] {
  const chosen = text.split(',')
  const known: readonly string[] = AUTHORIZATION_MODES
  if (chosen.some((mode) => !known.includes(mode)))
    throw new InvalidArgumentError(`It must be some of ${known.join(', ')}.`)
  return chosen
}
