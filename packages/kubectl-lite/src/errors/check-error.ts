import { type Status, StatusError } from '@miniplane/api'
import { isConnectionError } from '@miniplane/client'
import {
  ConfigurationError,
  ErrorList,
  NoResourceMatch,
  SilentExit,
  TemplateFailure,
} from './errors.js'

export interface Failure {
  /** What goes to standard error; empty for nothing. */
  readonly message: string
  readonly code: number
  /** What goes to standard output before. */
  readonly output?: string
}

/** Turns whatever ended a command into kubectl's message and exit code. */
export function checkError(error: unknown, server: string): Failure {
  if (error instanceof SilentExit) return { message: '', code: error.code }
  const single = error instanceof ErrorList && error.errors.length === 1 ? error.errors[0] : error
  const message = endLine(messageOf(single, server))
  const output = single instanceof TemplateFailure ? { output: single.output } : {}
  return { message, code: 1, ...output }
}

const endLine = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

function messageOf(error: unknown, server: string): string {
  if (error instanceof StatusError && error.status.reason === 'Invalid') {
    return invalidMessage(error.status)
  }
  if (error instanceof NoResourceMatch || error instanceof ConfigurationError) return error.message
  if (error instanceof ErrorList) {
    return error.errors.map((one) => messageInList(one, server)).join('\n')
  }
  const standard = standardMessage(error, server)
  if (standard !== undefined) return standard
  const text = error instanceof Error ? error.message : String(error)
  return text.startsWith('error: ') ? text : `error: ${text}`
}

const messageInList = (error: Error, server: string): string =>
  standardMessage(error, server) ?? error.message

/** The text of an error that came from the server or from the way to it. */
export function standardMessage(error: unknown, server: string): string | undefined {
  if (error instanceof StatusError) {
    const { reason, message = '' } = error.status
    if (reason === 'Unauthorized') {
      return `error: You must be logged in to the server (${message})`
    }
    if (reason) return `Error from server (${reason}): ${message}`
    return `Error from server: ${message}`
  }
  if (isConnectionError(error)) return connectionMessage(error, server)
  return undefined
}

function connectionMessage(error: NodeJS.ErrnoException, server: string): string {
  const host = hostOf(server)
  if (error.code === 'ECONNREFUSED') {
    return `The connection to the server ${host} was refused - did you specify the right host or port?`
  }
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    return `The connection to the server ${host} was closed: ${error.message}`
  }
  return `Unable to connect to the server: ${error.message}`
}

function hostOf(server: string): string {
  try {
    return new URL(server).host
  } catch (error) {
    if (error instanceof TypeError) return server
    throw error
  }
}

function invalidMessage(status: Status): string {
  const { details } = status
  if (!details) return `The request is invalid: ${status.message ?? ''}`
  let subject = 'The request is invalid'
  if (details.kind || details.name) {
    subject = `The ${details.kind ?? ''} ${JSON.stringify(details.name ?? '')} is invalid`
  } else if (status.message && !details.causes?.length) {
    subject = `${subject}: ${status.message}`
  }
  const causes = new Set(
    (details.causes ?? []).map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`),
  )
  if (causes.size === 0) return subject
  if (causes.size === 1) return `${subject}: ${[...causes][0]}\n`
  return `${subject}: \n${[...causes].map((cause) => `* ${cause}\n`).join('')}`
}
