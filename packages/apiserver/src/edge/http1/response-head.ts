import { STATUS_CODES } from 'node:http'
import type { ResponseHeaders } from '../answer-stream.js'

/** `content-type` → `Content-Type`, as the real server spells names. All names are our own. */
const canonicalNames = new Map<string, string>()

function canonicalName(name: string): string {
  let canonical = canonicalNames.get(name)
  if (canonical === undefined) {
    canonical = name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase())
    canonicalNames.set(name, canonical)
  }
  return canonical
}

/** A line break would end the field: what tries to write one is a bug. */
const NOT_A_VALUE = /[\r\n\0]/

function field(name: string, value: string): string {
  if (NOT_A_VALUE.test(value)) throw new TypeError(`header ${name} has a line break`)
  return `${canonicalName(name)}: ${value}\r\n`
}

/** Everything before the body; `framing` is the field that says where that ends. */
export function responseHead(
  status: number,
  headers: ResponseHeaders,
  date: string,
  framing: string,
): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (const name in headers) {
    const value = headers[name]
    if (typeof value === 'string') head += field(name, value)
    else for (const one of value ?? []) head += field(name, one)
  }
  return `${head}Date: ${date}\r\n${framing}\r\n`
}
