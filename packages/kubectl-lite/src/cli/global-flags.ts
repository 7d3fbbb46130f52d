import { flag } from './flags.js'

/** Flags that every command takes. */
export const globalFlags = {
  as: flag.string('Username to impersonate for the operation.'),
  asGroup: flag.array('Group to impersonate for the operation, can be repeated.'),
  asUid: flag.string('UID to impersonate for the operation.'),
  asUserExtra: flag.array('User extras to impersonate for the operation, can be repeated.'),
  cacheDir: flag.string('Accepted and ignored: nothing is cached on disk.', { hidden: true }),
  certificateAuthority: flag.string('Path to a cert file for the certificate authority'),
  clientCertificate: flag.string('Path to a client certificate file for TLS'),
  clientKey: flag.string('Path to a client key file for TLS'),
  cluster: flag.string('The name of the kubeconfig cluster to use'),
  context: flag.string('The name of the kubeconfig context to use'),
  disableCompression: flag.bool('Accepted and ignored.', { hidden: true }),
  help: flag.bool('help for the command', { short: 'h' }),
  insecureSkipTlsVerify: flag.bool("If true, the server's certificate will not be checked"),
  kubeconfig: flag.string('Path to the kubeconfig file to use for CLI requests.'),
  kuberc: flag.string('Accepted and ignored.', { hidden: true }),
  logFlushFrequency: flag.duration('Accepted and ignored.', { hidden: true }),
  matchServerVersion: flag.bool('Require server version to match client version'),
  namespace: flag.string('If present, the namespace scope for this CLI request', { short: 'n' }),
  password: flag.string('Password for basic authentication to the API server'),
  requestTimeout: flag.string('The length of time to wait before giving up on a single request.', {
    default: '0',
  }),
  server: flag.string('The address and port of the Kubernetes API server', { short: 's' }),
  tlsServerName: flag.string('Server name to use for server certificate validation.'),
  token: flag.string('Bearer token for authentication to the API server'),
  user: flag.string('The name of the kubeconfig user to use'),
  username: flag.string('Username for basic authentication to the API server'),
  v: flag.int('Accepted and ignored: number for the log level verbosity', { short: 'v' }),
  vmodule: flag.string('Accepted and ignored.', { hidden: true }),
  warningsAsErrors: flag.bool(
    'Treat warnings received from the server as errors and exit with a non-zero exit code',
  ),
}
