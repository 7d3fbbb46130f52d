import type { UserInfo } from '../pipeline/stage.js'
import type { AccessAttributes, Authorizer, UserRules, Verdict } from './authorizer.js'

/** The first that has an opinion decides; when none has, it is no, for the reasons of all. */
export class UnionAuthorizer implements Authorizer {
  readonly #authorizers: readonly Authorizer[]

  constructor(authorizers: readonly Authorizer[]) {
    this.#authorizers = authorizers
  }

  authorize(user: UserInfo, access: AccessAttributes): Verdict {
    let reasons = ''
    for (const authorizer of this.#authorizers) {
      const verdict = authorizer.authorize(user, access)
      const { decision, reason } = verdict
      if (decision !== 'abstain') return verdict
      if (reason) reasons = reasons === '' ? reason : `${reasons}\n${reason}`
    }
    return reasons === '' ? DENY : { decision: 'deny', reason: reasons }
  }

  rulesFor(user: UserInfo, namespace: string): UserRules {
    const all = this.#authorizers.map((one) => one.rulesFor(user, namespace))
    return {
      resourceRules: all.flatMap(({ resourceRules }) => resourceRules),
      nonResourceRules: all.flatMap(({ nonResourceRules }) => nonResourceRules),
      incomplete: all.some(({ incomplete }) => incomplete),
      errors: all.flatMap(({ errors }) => errors),
    }
  }
}

const DENY: Verdict = { decision: 'deny' }
