import { deepCopy, formatTime, type KubeObject, type Secret } from '@miniplane/api'
import { ownWrite, serverContext } from '../bootstrap/own-write.js'
import type { Services } from '../handlers/scope.js'
import { updateObject } from '../registry/generic/update.js'
import { LAST_USED } from './secret-tokens.js'

const DAY_MS = 86_400_000

/** Writes the day at a Secret whose token was used: once a day, whoever's clock is a little ahead. */
export async function noteLastUsed(services: Services, { metadata }: Secret): Promise<void> {
  const nowMs = services.clock.now()
  const [today, tomorrow] = [nowMs, nowMs + DAY_MS].map((ms) => formatTime(ms).slice(0, 10))
  const known = metadata.labels?.[LAST_USED]
  if (today === undefined || known === today || known === tomorrow) return
  const resource = await services.resources.readyNamed('', 'secrets')
  if (!resource) return
  const { name = '', uid } = metadata
  const context = ownWrite(services, resource, { metadata }, serverContext())
  const fieldManager = services.fieldManagers.of(resource.definition, '')
  const produce = (stored: KubeObject | undefined) => {
    const draft = deepCopy(stored ?? { metadata })
    draft.metadata.labels = { ...draft.metadata.labels, [LAST_USED]: today }
    fieldManager.update(stored, draft, context.manager)
    return draft
  }
  try {
    await updateObject(
      services,
      resource,
      { name, uid, verb: 'patch', mayCreate: false, produce },
      context,
    )
  } catch (error) {
    // The token is good all the same.
    services.log.warn('could not note the use of a token', { secret: name, error })
  }
}
