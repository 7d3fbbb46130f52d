import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import type { Session } from '../../session/session.js'
import { hashedName } from './content-hash.js'
import { defineGenerator } from './generator.js'
import { keyValueFlags, readKeyValues } from './key-values.js'

const resource = { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', namespaced: true }
const failure = 'failed to create secret '

const base64 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('base64')

const keyRefusals = {
  invalid: (key: string, problems: readonly string[]) =>
    new CommandError(`"${key}" is not valid key name for a Secret ${problems.join(';')}`),
  repeated: (key: string) =>
    new CommandError(`cannot add key ${key}, another key by that name already exists`),
}

const generic = defineGenerator({
  usage:
    'generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none] [options]',
  summary: 'Create a secret from a local file, directory, or literal value',
  resource,
  failure,
  flags: { ...keyValueFlags, type: flag.string('The type of secret to create') },
  async build(session, name, { flags }) {
    const values = readKeyValues(session, flags, keyRefusals)
    const data = Object.fromEntries([...values].map(([key, bytes]) => [key, base64(bytes)]))
    const hashed = { kind: 'Secret', type: flags.type, name, data: values.size > 0 ? data : {} }
    return {
      metadata: { name: flags.appendHash ? hashedName(name, hashed) : name },
      ...(values.size > 0 ? { data } : {}),
      ...(flags.type === '' ? {} : { type: flags.type }),
    }
  },
})

const tls = defineGenerator({
  usage:
    'tls NAME --cert=path/to/cert/file --key=path/to/key/file [--dry-run=server|client|none] [options]',
  summary: 'Create a TLS secret',
  resource,
  failure,
  flags: {
    appendHash: keyValueFlags.appendHash,
    cert: flag.string('Path to PEM encoded public key certificate.'),
    key: flag.string('Path to private key associated with given certificate.'),
  },
  async build(session, name, { flags }) {
    if (flags.cert === '' || flags.key === '') {
      throw new CommandError('key and cert must be specified')
    }
    const cert = readPem(session, flags.cert)
    const key = readPem(session, flags.key)
    checkPair(cert, key)
    const type = 'kubernetes.io/tls'
    const data = { 'tls.crt': base64(cert), 'tls.key': base64(key) }
    const hashed = { kind: 'Secret', type, name, data }
    return { metadata: { name: flags.appendHash ? hashedName(name, hashed) : name }, data, type }
  },
})

/** A certificate and the key it is for, as Go says what is wrong with them. */
function checkPair(cert: Buffer, key: Buffer): void {
  const refuse = (reason: string, cause?: unknown) => new CommandError(`tls: ${reason}`, { cause })
  for (const [what, bytes] of Object.entries({ certificate: cert, key })) {
    if (bytes.includes('-----BEGIN ')) continue
    throw refuse(`failed to find any PEM data in ${what} input`)
  }
  let matches: boolean
  try {
    matches = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch (error) {
    throw refuse('failed to parse private key', error)
  }
  if (!matches) throw refuse('private key does not match public key')
}

function readPem(session: Session, name: string): Buffer {
  try {
    return readFileSync(resolve(session.environment.folder, name))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'no such file or directory' : (error as Error).message
    throw new CommandError(`Cannot read file ${name}, open ${name}: ${reason}`, { cause: error })
  }
}

const CONFIG_KEY = '.dockerconfigjson'

const dockerRegistry = defineGenerator({
  usage:
    'docker-registry NAME --docker-username=user --docker-password=password --docker-email=email [--docker-server=string] [--from-file=[key=]source] [--dry-run=server|client|none] [options]',
  summary: 'Create a secret for use with a Docker registry',
  resource,
  failure,
  flags: {
    appendHash: keyValueFlags.appendHash,
    dockerEmail: flag.string('Email for Docker registry'),
    dockerPassword: flag.string('Password for Docker registry authentication'),
    dockerServer: flag.string('Server location for Docker registry', {
      default: 'https://index.docker.io/v1/',
    }),
    dockerUsername: flag.string('Username for Docker registry authentication'),
    fromFile: keyValueFlags.fromFile,
  },
  async build(session, name, { flags }) {
    const type = 'kubernetes.io/dockerconfigjson'
    const finished = (data: Record<string, string>) => {
      const hashed = { kind: 'Secret', type, name, data }
      return { metadata: { name: flags.appendHash ? hashedName(name, hashed) : name }, data, type }
    }
    if (flags.fromFile.length > 0) {
      // A file alone is the configuration itself.
      const fromFile = flags.fromFile.map((source) =>
        source.includes('=') ? source : `${CONFIG_KEY}=${source}`,
      )
      const sources = { fromFile, fromEnvFile: [], fromLiteral: [] }
      const values = readKeyValues(session, sources, keyRefusals)
      return finished(Object.fromEntries([...values].map(([key, bytes]) => [key, base64(bytes)])))
    }
    const { dockerUsername: username, dockerPassword: password, dockerEmail: email } = flags
    if (username === '' || password === '' || flags.dockerServer === '') {
      throw new CommandError(
        'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
      )
    }
    const entry = {
      username,
      password,
      ...(email === '' ? {} : { email }),
      auth: base64(`${username}:${password}`),
    }
    const config = JSON.stringify({ auths: { [flags.dockerServer]: entry } })
    return finished({ [CONFIG_KEY]: base64(config) })
  },
})

export const secret = defineCommand({
  usage: 'secret (docker-registry | generic | tls) [options]',
  summary: 'Create a secret with specified type.',
  long: `Create a secret with specified type.

 A docker-registry type secret is for accessing a container registry.

 A generic type secret indicate an Opaque secret type.

 A tls type secret holds TLS certificate and its associated key.`,
  flags: {},
  subcommands: [
    {
      name: 'docker-registry',
      summary: 'Create a secret for use with a Docker registry',
      load: async () => dockerRegistry,
    },
    {
      name: 'generic',
      summary: 'Create a secret from a local file, directory, or literal value',
      load: async () => generic,
    },
    { name: 'tls', summary: 'Create a TLS secret', load: async () => tls },
  ],
})
