import type { IncomingMessage, ServerResponse } from 'node:http'

/** Answers a request, or says with false that it is not its own. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => boolean

/** The first that knows the request answers it. */
export const firstOf =
  (...handlers: readonly HttpHandler[]): HttpHandler =>
  (request, response) =>
    handlers.some((handle) => handle(request, response))

export const pathOf = (request: IncomingMessage): string =>
  (request.url ?? '/').split('?', 1)[0] as string

/** A line of text, in the form of Go's http.Error. */
export function answerText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(text.endsWith('\n') ? text : `${text}\n`)
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(value))
}

export const notFound: HttpHandler = (_request, response) => {
  answerText(response, 404, '404 page not found')
  return true
}

/** Only `GET` (and `HEAD`) of one path; `answer` must not reject. */
export const get =
  (
    path: string,
    answer: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  ): HttpHandler =>
  (request, response) => {
    if (pathOf(request) !== path) return false
    if (request.method === 'GET' || request.method === 'HEAD') void answer(request, response)
    else {
      response.setHeader('Allow', 'GET')
      answerText(response, 405, 'Method Not Allowed')
    }
    return true
  }
