import { AUTHORIZATION_MODES, STORAGE_MEDIA_TYPES } from '@miniplane/apiserver'
import { hollowKubeletLimits } from '@miniplane/controllers'
import type { ControlPlaneOptions, HttpsPlace } from './options.js'

/** What an option must be, as its message says it; `holds` never throws. */
interface Rule {
  readonly must: string
  holds(value: unknown): boolean
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const isListOf = (holds: (item: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(holds)
const wholeNumber = (max: number): Rule => ({
  must: `a whole number from 0 to ${max}`,
  holds: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max,
})
const oneOf = (known: readonly unknown[]) => (value: unknown) => known.includes(value)
const methods =
  (...names: readonly string[]) =>
  (value: unknown) =>
    isObject(value) && names.every((name) => typeof value[name] === 'function')

const boolean: Rule = { must: 'true or false', holds: oneOf([true, false]) }
const text: Rule = { must: 'a text that is not empty', holds: isText }
const object: Rule = { must: 'an object', holds: isObject }
const names: Rule = { must: 'a list of names', holds: isListOf(isText) }
const pem: Rule = {
  must: 'PEM text',
  holds: (value) => isText(value) && value.includes('-----BEGIN '),
}

const rules: Record<keyof ControlPlaneOptions, Rule> = {
  nodes: wholeNumber(hollowKubeletLimits.nodesMax),
  controllers: boolean,
  scheduler: boolean,
  https: { must: 'false or an object', holds: (value) => value === false || isObject(value) },
  kubeconfigPath: text,
  users: {
    must: 'a list of objects with a token and a name',
    holds: isListOf((user) => isObject(user) && isText(user.token) && isText(user.name)),
  },
  etcd: object,
  dataDir: text,
  storageMediaType: {
    must: `one of ${STORAGE_MEDIA_TYPES.join(', ')}`,
    holds: oneOf(STORAGE_MEDIA_TYPES),
  },
  serviceCidr: text,
  authorizationModes: {
    must: `a list of some of ${AUTHORIZATION_MODES.join(', ')}`,
    holds: isListOf(oneOf(AUTHORIZATION_MODES)),
  },
  anonymousAuth: boolean,
  frontProxies: object,
  proxyClient: object,
  serviceAccountTokens: object,
  enableAdmissionPlugins: names,
  disableAdmissionPlugins: names,
  clock: { must: 'a Clock, such as a ManualClock', holds: methods('now', 'monotonic', 'setTimer') },
  random: { must: 'a Random, such as seededRandom(1)', holds: methods('bytes', 'next') },
  log: { must: 'a Log', holds: methods('debug', 'info', 'warn', 'error') },
}

const httpsRules: Record<keyof HttpsPlace, Rule> = {
  host: text,
  port: wholeNumber(65_535),
  serving: {
    must: 'PEM texts by the names of certificatePem and privateKeyPem',
    holds: (value) =>
      isObject(value) && pem.holds(value.certificatePem) && pem.holds(value.privateKeyPem),
  },
  clientAuthorities: pem,
}

/**
 * Those who write JavaScript have no compiler to tell them, and a misspelt option would be none.
 * Throws a `TypeError` for the first one that is unknown or can't be meant.
 */
export function checkOptions(options: ControlPlaneOptions): void {
  check(options, '', rules)
  if (options.https) check(options.https, 'https.', httpsRules)
}

function check(options: object, path: string, rules: Readonly<Record<string, Rule>>): void {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
    if (rule === undefined) {
      const known = Object.keys(rules).join(', ')
      throw new TypeError(`there is no option ${path}${name}; those that are: ${known}`)
    }
    if (value !== undefined && !rule.holds(value)) {
      throw new TypeError(`${path}${name} must be ${rule.must}`)
    }
  }
}
