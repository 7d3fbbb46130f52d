import type { KubeObject } from '@miniplane/api'
import { isNotFound } from '../errors/status.js'
import type { Session } from './session.js'

/** The object that the server has at a path; undefined when there is none. */
export async function liveObject(
  { rest }: Pick<Session, 'rest'>,
  path: string,
): Promise<KubeObject | undefined> {
  try {
    return await rest.object({ method: 'GET', path })
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
