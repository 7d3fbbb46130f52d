import {
  type ApiRequest,
  badRequest,
  decodeMessage,
  JsonSyntaxError,
  messageSchema,
  openEnvelope,
  parseJson,
  parseYaml,
  type StructSchema,
  unsupportedMediaType,
  WireError,
} from '@miniplane/api'

/** A request's body, parsed and not yet decoded. */
export interface ParsedBody {
  readonly value: unknown
  /** What was parsed, for errors that quote it; absent when the caller handed an object over. */
  readonly text?: string
  /** Paths of keys that stand twice in one object. */
  readonly duplicates: readonly string[]
  /** Numbers in JSON whose value doesn't tell how they were written, by path. */
  readonly literals?: ReadonlyMap<string, string>
  /** The same in YAML, where the parser says by lines which. */
  readonly repeatedLines?: readonly string[]
}

/** Keys that stand twice, as the parser of YAML says it in one. */
export const yamlProblem = (repeatedLines: readonly string[]): string =>
  `yaml: unmarshal errors:\n${repeatedLines.map((line) => `  ${line}`).join('\n')}`

const NOTHING = new Uint8Array()
const OBJECT_TYPES = 'application/json, application/yaml, application/vnd.kubernetes.protobuf'

/** A byte order mark stays: it is no part of JSON, and the parser says so. */
const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf8')

/** A media type whose parameters all have a value. */
const PARAMETERS = /^[^;]*(;\s*[^\s;=",]+=([^\s;=",]+|"(\\.|[^"\\])*")\s*)*;?\s*$/

/** The media type without its parameters; the default is JSON. */
export function mediaTypeOf({ headers }: ApiRequest): string {
  const type = headers['content-type']
  if (!type) return 'application/json'
  const semicolon = type.indexOf(';')
  return (semicolon < 0 ? type : type.slice(0, semicolon)).trim()
}

/** The body's bytes, or undefined when a caller in this process handed an object over. */
export function bodyBytes(request: ApiRequest): Uint8Array | undefined {
  const { body } = request
  if (body === undefined) return NOTHING
  return body instanceof Uint8Array ? body : undefined
}

/** Finds the schema of what a protobuf body says it is (or leaves to the URL). */
export type SchemaOf = (apiVersion: string, kind: string) => StructSchema | undefined

/**
 * Reads an object from a body in JSON, YAML or protobuf. `describe` puts the real server's words in front of
 * what the parser says. Throws 400, 413 or 415.
 */
export function parseBody(
  request: ApiRequest,
  findDuplicates: boolean,
  describe: (problem: string, body: Uint8Array) => string,
  schemaOf: SchemaOf = messageSchema,
): ParsedBody {
  const { body } = request
  if (body !== undefined && !(body instanceof Uint8Array))
    return { value: body.object, duplicates: [] }
  const bytes = body ?? NOTHING
  const isReadable = PARAMETERS.test(request.headers['content-type'] ?? '')
  switch (isReadable ? mediaTypeOf(request).toLowerCase() : undefined) {
    case 'application/json':
      return parseJsonBody(bytes, findDuplicates, describe)
    case 'application/yaml':
      return parseYamlBody(bytes, describe)
    case 'application/vnd.kubernetes.protobuf':
      return parseProtobufBody(bytes, describe, schemaOf)
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${OBJECT_TYPES}`,
      )
  }
}

function parseJsonBody(
  bytes: Uint8Array,
  findDuplicates: boolean,
  describe: (problem: string, body: Uint8Array) => string,
): ParsedBody {
  try {
    const text = textOf(bytes)
    return { ...parseJson(text, { findDuplicates }), text }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw badRequest(
      describe(`couldn't get version/kind; json parse error: ${error.message}`, bytes),
    )
  }
}

function parseYamlBody(
  bytes: Uint8Array,
  describe: (problem: string, body: Uint8Array) => string,
): ParsedBody {
  const text = textOf(bytes)
  try {
    const { value, duplicates: repeatedLines } = parseYaml(text)
    return { value, duplicates: [], repeatedLines, text }
  } catch (error) {
    throw badRequest(describe(error instanceof Error ? error.message : String(error), bytes))
  }
}

function parseProtobufBody(
  bytes: Uint8Array,
  describe: (problem: string, body: Uint8Array) => string,
  schemaOf: SchemaOf,
): ParsedBody {
  const { apiVersion, kind, raw } = wireErrorsAre(
    () => openEnvelope(bytes),
    (problem) => describe(problem, bytes),
  )
  const schema = schemaOf(apiVersion, kind)
  const fields = wireErrorsAre(
    () => (schema ? decodeMessage(raw, schema) : {}),
    // From here on it is known what the object was to be.
    (problem) => {
      const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
      return `${kind} in version "${version}" cannot be handled as a ${kind}: ${problem}`
    },
  )
  return { value: { ...fields, kind, apiVersion }, duplicates: [] }
}

function wireErrorsAre<T>(read: () => T, describe: (problem: string) => string): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof WireError) throw badRequest(describe(error.message))
    throw error
  }
}

const EXCERPT_BYTES = 30

/** The beginning of a body as the real server quotes it: text when it looks like JSON, else hex. */
export function excerptOf(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<empty>'
  const start = bytes.subarray(0, EXCERPT_BYTES)
  const isLong = bytes.length > EXCERPT_BYTES
  const looksLikeJson = start[0] === 0x7b
  const text = looksLikeJson ? textOf(start) : Buffer.from(start).toString('hex')
  return isLong ? `${text} ...` : text
}
