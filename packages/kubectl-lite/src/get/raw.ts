import { CommandError } from '../errors/errors.js'
import { readManifests } from '../resolve/manifest-files.js'
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
  if (!uri.startsWith('/')) {
    throw new CommandError(
      `--raw must be a valid URL path: parse ${JSON.stringify(uri)}: invalid URI for request`,
    )
  }
  const url = new URL(uri, 'https://server')
  return session.rest.send({
    method,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
  })
}

/** `create --raw` and `replace --raw`: sends a file's text as it is and prints the answer. */
export async function sendRaw(
  session: Session,
  method: 'POST' | 'PUT',
  uri: string,
  filenames: readonly string[],
): Promise<void> {
  const [file, ...more] = await readManifests(session, { filenames })
  if (!file || more.length > 0) {
    throw new CommandError('--raw can only use a single local file or stdin')
  }
  session.out.stdout((await rawRequest(session, method, uri, file.text)).text())
}
