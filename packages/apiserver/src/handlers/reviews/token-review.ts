import { badRequest, type TokenReview } from '@miniplane/api'
import type { UserInfo } from '../../pipeline/stage.js'
import type { Services } from '../scope.js'

/** Whom the token stands for; that it stands for nobody is an answer as well, and says why. */
export async function tokenStatus(
  reviewToken: Services['reviewToken'],
  { spec }: TokenReview,
): Promise<object> {
  const { token, audiences } = spec
  if (!token) throw badRequest('token is required for TokenReview in authentication')
  const found = await reviewToken(token, audiences?.length ? audiences : undefined)
  if (found?.user)
    return { authenticated: true, user: userInfoOf(found.user), audiences: found.audiences }
  const problem = found ? `[${INVALID}, ${found.problem}]` : INVALID
  return { user: {}, error: problem }
}

const INVALID = 'invalid bearer token'

export const userInfoOf = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid !== undefined && { uid }),
  groups: [...groups],
  ...(extra && { extra: sorted(extra) }),
})

/** Maps are written by their keys. */
const sorted = (extra: NonNullable<UserInfo['extra']>) =>
  Object.fromEntries(Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1)))
