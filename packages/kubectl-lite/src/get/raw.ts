import { CommandError } from '../errors/errors.js'
import type { Session } from '../session/session.js'

/** `get --raw /path?query`: prints what the server says, byte for byte. */
export async function getRaw(session: Session, uri: string, hasOther: boolean): Promise<number> {
  if (hasOther) {
    throw new CommandError('arguments may not be passed when --raw is specified')
  }
  session.out.stdout((await rawRequest(session, 'GET', uri)).text())
  return 0
}

/** Sends a request to a path that the user wrote, with its query. */
export function rawRequest(
  session: Session,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  uri: string,
  body?: string,
) {
  const url = new URL(uri, 'https://server')
  return session.rest.send({
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
  })
}
