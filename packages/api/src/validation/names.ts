// What Kubernetes allows as names, in its words. Each function returns what is wrong: an empty list
// means valid. Lengths are bytes where the message says so; valid names are ASCII, so the
// difference shows in messages only.

const ENCODER = new TextEncoder()
const ASCII = /^[\0-\x7f]*$/
const bytesIn = (text: string) => (ASCII.test(text) ? text.length : ENCODER.encode(text).length)

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const NAME_PART = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

interface Format {
  readonly shape: RegExp
  readonly maxLength: number
  readonly message: string
}

function format(pattern: string, maxLength: number, text: string, ...examples: string[]): Format {
  return {
    shape: new RegExp(`^(?:${pattern})$`),
    maxLength,
    message: regexMessage(text, pattern, ...examples),
  }
}

/** `text (e.g. 'a',  or 'b', regex used for validation is 'x')`. */
export function regexMessage(text: string, pattern: string, ...examples: string[]): string {
  const list = examples.map((example) => `'${example}', `).join(' or ')
  return examples.length === 0
    ? `${text} (regex used for validation is '${pattern}')`
    : `${text} (e.g. ${list}regex used for validation is '${pattern}')`
}

const DNS1123_LABEL = format(
  LABEL,
  63,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  'my-name',
  '123-abc',
)
const DNS1123_SUBDOMAIN = format(
  SUBDOMAIN,
  253,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  'example.com',
)
const DNS1035_LABEL = format(
  LABEL_1035,
  63,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  'my-name',
  'abc-123',
)
const WILDCARD_SUBDOMAIN = format(
  `\\*\\.${SUBDOMAIN}`,
  253,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  '*.example.com',
)
const CONFIG_KEY = format(
  '[-._a-zA-Z0-9]+',
  253,
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  'key.name',
  'KEY_NAME',
  'key-name',
)
const C_IDENTIFIER = format(
  '[A-Za-z_][A-Za-z0-9_]*',
  Number.POSITIVE_INFINITY,
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  'my_name',
  'MY_NAME',
  'MyName',
)
const PERCENT = format(
  '[0-9]+%',
  Number.POSITIVE_INFINITY,
  "a valid percent string must be a numeric string followed by an ending '%'",
  '1%',
  '93%',
)
const LABEL_VALUE = format(
  `(${NAME_PART})?`,
  63,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyValue',
  'my_value',
  '12345',
)
const QUALIFIED_NAME_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const NAME_PART_MESSAGE = regexMessage(
  QUALIFIED_NAME_TEXT,
  NAME_PART,
  'MyName',
  'my.name',
  '123-abc',
)
const NAME_PART_SHAPE = new RegExp(`^(?:${NAME_PART})$`)

const tooLong = (max: number, unit: 'bytes' | 'characters') => `must be no more than ${max} ${unit}`

function check(
  value: string,
  { shape, maxLength, message }: Format,
  unit: 'bytes' | 'characters' = 'characters',
): string[] {
  const errors: string[] = []
  if (value.length > maxLength) errors.push(tooLong(maxLength, unit))
  if (!shape.test(value)) errors.push(message)
  return errors
}

export function isDns1123Label(value: string): string[] {
  // A subdomain that is no label has dots; saying so is more help than the expression.
  const message = DNS1123_SUBDOMAIN.shape.test(value)
    ? 'must not contain dots'
    : DNS1123_LABEL.message
  return check(value, { ...DNS1123_LABEL, message })
}
export const isDns1123Subdomain = (value: string): string[] => check(value, DNS1123_SUBDOMAIN)
export const isDns1035Label = (value: string): string[] => check(value, DNS1035_LABEL)
export const isWildcardDns1123Subdomain = (value: string): string[] =>
  check(value, WILDCARD_SUBDOMAIN)
export const isCIdentifier = (value: string): string[] => check(value, C_IDENTIFIER)
export const isValidPercent = (value: string): string[] => check(value, PERCENT)

/** A key of a ConfigMap or Secret. */
export function isConfigMapKey(value: string): string[] {
  return [...check(value, CONFIG_KEY), ...dotErrors(value)]
}

function dotErrors(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

/** A label's or annotation's key: a name, with a DNS subdomain and a slash in front if wished. */
export function isQualifiedName(value: string): string[] {
  const parts = value.split('/')
  if (parts.length > 2)
    return [
      `a valid label key ${NAME_PART_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  const errors: string[] = []
  const [prefix = ''] = parts
  if (parts.length === 2) {
    if (prefix === '') errors.push('prefix part must be non-empty')
    else {
      const faults = check(prefix, DNS1123_SUBDOMAIN, 'bytes')
      errors.push(...faults.map((message) => `prefix part ${message}`))
    }
  }
  const name = parts.at(-1) ?? ''
  if (name === '') errors.push('name part must be non-empty')
  else if (bytesIn(name) > 63) errors.push(`name part ${tooLong(63, 'bytes')}`)
  if (!NAME_PART_SHAPE.test(name)) errors.push(`name part ${NAME_PART_MESSAGE}`)
  return errors
}

export function isValidLabelValue(value: string): string[] {
  const errors: string[] = []
  if (bytesIn(value) > LABEL_VALUE.maxLength) errors.push(tooLong(LABEL_VALUE.maxLength, 'bytes'))
  if (!LABEL_VALUE.shape.test(value)) errors.push(LABEL_VALUE.message)
  return errors
}

/** An environment variable's name: any printable ASCII but `=`. */
export function isEnvVarName(value: string): string[] {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(value) ? [] : [ENV_VAR]
}

const ENV_VAR =
  "a valid environment variable name must consist only of printable ASCII characters other than '='"

/** A named port of a container (IANA service name). */
export function isValidPortName(value: string): string[] {
  const errors: string[] = []
  if (value.length > 15) errors.push(tooLong(15, 'characters'))
  if (!/^[-a-z0-9]+$/.test(value))
    errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-'))
    errors.push('must not begin or end with a hyphen')
  return errors
}

export function isValidPortNum(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive']
}

/** At least three labels, such as `webhook.example.com`. */
export function isFullyQualifiedName(value: string): string[] {
  const errors = isDns1123Subdomain(value)
  if (errors.length > 0) return errors
  return value.split('.').length < 3
    ? ['should be a domain with at least three segments separated by dots']
    : []
}

/** At least two labels; one dot may end it. */
export function isFullyQualifiedDomainName(value: string): string[] {
  const name = value.endsWith('.') ? value.slice(0, -1) : value
  const errors = isDns1123Subdomain(name)
  if (errors.length > 0) return errors
  if (name.split('.').length < 2)
    return ['should be a domain with at least two segments separated by dots']
  return name.split('.').flatMap((label) => isDns1123Label(label))
}

/**
 * A `generateName` as the name it could become: the real server cuts the last hyphen off before it
 * looks at a prefix.
 */
export function maskTrailingDash(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix
}

export function isHttpHeaderName(value: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(value)) return []
  return [
    regexMessage(
      "a valid HTTP header must consist of alphanumeric characters or '-'",
      '[-A-Za-z0-9]+',
      'X-Header-Name',
    ),
  ]
}
