import { notFound } from '@miniplane/api'
import type { Resources } from '../resources.js'
import type { StatusWriter } from '../strategy.js'
import type { WriteContext } from '../write-context.js'
import type { RegistryServices } from './create.js'
import { draftOf } from './draft-of.js'
import { ON_OWN_ACCOUNT, updateObject } from './update.js'

/** The manager of what the server writes on its own account. */
export const SERVER = 'kube-apiserver'

/** Carries out `StrategyContext.writeStatus` for the request of `context`. */
export async function writeStatus(
  services: RegistryServices & { readonly resources: Resources },
  context: WriteContext,
  ...[group, resource, name, change]: Parameters<StatusWriter>
): Promise<void> {
  const { fieldManagers } = services
  const found = await services.resources.readyNamed(group, resource)
  if (!found) throw notFound({ group, resource }, name)
  await updateObject(
    services,
    found,
    {
      name,
      verb: 'update',
      mayCreate: false,
      subresource: ON_OWN_ACCOUNT,
      produce(stored) {
        if (!stored) throw notFound(found.definition, name)
        const draft = draftOf(stored)
        change(draft, stored)
        fieldManagers.of(found.definition, 'status').update(stored, draft, SERVER)
        return draft
      },
    },
    { ...context, subresource: 'status', options: {}, manager: SERVER },
  )
}
