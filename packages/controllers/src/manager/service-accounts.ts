import { isStatusError } from '@miniplane/api'
import { type Client, resources } from '@miniplane/client'
import type { Controller } from './controller.js'

const NAMESPACE = 'kube-system'

/** Whom a controller acts as; undefined: the manager itself. */
export const accountOf = ({ name, serviceAccount = name }: Controller): string | undefined =>
  serviceAccount ?? undefined

/** The accounts that controllers act as are objects, too: roles are bound to them. */
export async function ensureServiceAccounts(
  client: Client,
  controllers: readonly Controller[],
  isThere: (key: string) => boolean,
): Promise<void> {
  const names = new Set(controllers.flatMap((controller) => accountOf(controller) ?? []))
  for (const name of names) {
    if (isThere(`${NAMESPACE}/${name}`)) continue
    try {
      await client
        .of(resources.serviceAccounts)
        .create({ metadata: { name, namespace: NAMESPACE } })
    } catch (error) {
      if (!isStatusError(error, 'AlreadyExists')) throw error
    }
  }
}
