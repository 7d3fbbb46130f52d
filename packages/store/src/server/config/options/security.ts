import { option } from '../option.js'
import { boolean, oneOf, string, strings, uint } from '../value-type.js'

const TLS_VERSIONS = ['', 'TLS1.2', 'TLS1.3'] as const

export const securityOptions = {
  'cert-file': option(string, '', 'Certificate shown to clients.'),
  'key-file': option(string, '', 'Its private key.'),
  'client-cert-file': option(
    string,
    '',
    'Certificate with which the member reaches its own client port.',
    { status: 'ignored' },
  ),
  'client-key-file': option(string, '', 'Its private key.', { status: 'ignored' }),
  'client-cert-auth': option(boolean, false, 'Demand a certificate from every client.'),
  'client-crl-file': option(string, '', 'List of revoked client certificates.'),
  'client-cert-allowed-hostname': option(
    string,
    '',
    'Host names of which a client certificate must name one, separated by commas.',
  ),
  'trusted-ca-file': option(string, '', 'Authority that client certificates must come from.'),
  'auto-tls': option(boolean, false, 'Make a certificate for clients when none is given.'),
  'peer-cert-file': option(string, '', 'Certificate shown to the other members.'),
  'peer-key-file': option(string, '', 'Its private key.'),
  'peer-client-cert-file': option(
    string,
    '',
    'Another certificate for the connections that this member makes.',
  ),
  'peer-client-key-file': option(string, '', 'Its private key.'),
  'peer-client-cert-auth': option(boolean, false, 'Demand a certificate from every member.'),
  'peer-trusted-ca-file': option(
    string,
    '',
    "Authority that members' certificates must come from.",
  ),
  'peer-cert-allowed-cn': option(
    string,
    '',
    "Common names of which a member's certificate must have one, separated by commas.",
  ),
  'peer-cert-allowed-hostname': option(
    string,
    '',
    "Host names of which a member's certificate must name one, separated by commas.",
  ),
  'peer-auto-tls': option(boolean, false, 'Make a certificate for peers when none is given.'),
  'self-signed-cert-validity': option(uint, 1, 'Years for which certificates made here are valid.'),
  'peer-crl-file': option(string, '', "List of revoked members' certificates."),
  'peer-skip-client-san-verification': option(
    boolean,
    false,
    "Do not compare a member's address with those in its certificate.",
    { status: 'ignored' },
  ),
  'tls-min-version': option(oneOf(...TLS_VERSIONS), 'TLS1.2', 'Oldest version of TLS.'),
  'tls-max-version': option(oneOf(...TLS_VERSIONS), '', 'Newest version of TLS.'),
  'cipher-suites': option(
    strings,
    [],
    "Cipher suites by their standard names, separated by commas (empty: Node's).",
  ),
  cors: option(
    strings,
    ['*'],
    'Origins from which browsers may call, separated by commas (* or empty: all).',
  ),
  'host-whitelist': option(
    strings,
    ['*'],
    'Host names under which plain HTTP may be called (* or empty: all).',
  ),
}

export const authOptions = {
  'auth-token': option(
    string,
    'simple',
    "How tokens are made: 'simple', or 'jwt' and its options.",
  ),
  'bcrypt-cost': option(uint, 10, 'Cost of hashing a password (4 to 31).'),
  'auth-token-ttl': option(uint, 300, 'Seconds after which an unused simple token ends.'),
}
