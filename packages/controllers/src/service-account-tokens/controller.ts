import { isStatusError } from '@miniplane/api'
import { keyOf, resources } from '@miniplane/client'
import { type Controller, type Work, watch } from '../manager/controller.js'
import {
  type AccountObject,
  accountNameOf,
  belongsTo,
  filled,
  isTokenSecret,
  lacksToken,
  type SecretObject,
} from './token-secret.js'

/**
 * Fills Secrets that ask for the token of an account, takes those away whose account is gone, and
 * takes Secrets that are gone off the account's list.
 */
export const tokensController: Controller = {
  name: 'tokens-controller',
  serviceAccount: null,

  start({ informer, signSecretToken, rootCertificate }) {
    const secrets = informer(resources.secrets).cache
    const accounts = informer(resources.serviceAccounts).cache
    const tokensOf = (account: AccountObject) =>
      secrets
        .list(account.metadata.namespace ?? '')
        .filter((secret) => isTokenSecret(secret) && belongsTo(secret, account))

    async function fill(secret: SecretObject, account: AccountObject, { client }: Work) {
      const { namespace = '', name: secretName = '' } = secret.metadata
      const { name = '', uid = '' } = account.metadata
      const serviceAccount = { name, uid }
      const token = lacksToken(secret)
        ? await signSecretToken?.({ namespace, serviceAccount, secretName })
        : undefined
      const whole = filled(secret, account, { token, rootCertificate })
      if (whole !== secret) await client.of(resources.secrets).update(whole)
    }

    return {
      watches: [
        watch(resources.secrets, ({ object }) => (isTokenSecret(object) ? [keyOf(object)] : [])),
        watch(resources.serviceAccounts, ({ object }) => tokensOf(object).map(keyOf)),
      ],
      async reconcile(key, work) {
        const secret = secrets.get(key)
        if (!secret) {
          await forget(key, accounts.list(key.slice(0, key.indexOf('/'))), work)
          return undefined
        }
        if (!isTokenSecret(secret) || secret.metadata.deletionTimestamp) return undefined
        const account = await findAccount(secret, accounts.get.bind(accounts), work)
        if (account) await fill(secret, account, work)
        else await remove(secret, work)
        return undefined
      },
    }
  },
}

/** Asks the server before it says no: a Secret and its account may have been made together. */
async function findAccount(
  secret: SecretObject,
  cached: (key: string) => AccountObject | undefined,
  { client }: Work,
): Promise<AccountObject | undefined> {
  const { namespace = '' } = secret.metadata
  const name = accountNameOf(secret)
  const known = cached(`${namespace}/${name}`)
  if (known && belongsTo(secret, known)) return known
  try {
    const live = await client.of(resources.serviceAccounts).get(name, { namespace })
    return belongsTo(secret, live) ? live : undefined
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined
    throw error
  }
}

async function remove({ metadata }: SecretObject, { client }: Work): Promise<void> {
  const { name = '', namespace = '', uid } = metadata
  const preconditions = uid === undefined ? {} : { preconditions: { uid } }
  try {
    await client.of(resources.secrets).delete(name, { namespace, ...preconditions })
  } catch (error) {
    if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error
  }
}

/** A Secret that is gone is no longer one of an account's. */
async function forget(key: string, accounts: AccountObject[], { client }: Work): Promise<void> {
  const gone = key.slice(key.indexOf('/') + 1)
  for (const account of accounts) {
    const left = account.secrets?.filter(({ name }) => name !== gone)
    if (left === undefined || left.length === account.secrets?.length) continue
    await client.of(resources.serviceAccounts).update({ ...account, secrets: left })
  }
}
