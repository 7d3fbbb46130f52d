import type { AlarmMember } from '../wire/maintenance.js'

export type AlarmType = AlarmMember['alarm']

/**
 * Which members have raised which alarms; the same on every member. `nospace`: a member's database
 * has reached its quota. `corrupt`: a member's data differs from the others'.
 */
export class AlarmStore {
  #alarms: readonly AlarmMember[]

  constructor(alarms: readonly AlarmMember[] = []) {
    this.#alarms = alarms
  }

  /** In order of member; `none`: of every type. What is answered never changes afterwards. */
  list(type: AlarmType = 'none'): readonly AlarmMember[] {
    return type === 'none' ? this.#alarms : this.#alarms.filter(({ alarm }) => alarm === type)
  }

  has(type: AlarmType): boolean {
    return this.#alarms.some(({ alarm }) => alarm === type)
  }

  /** In place of all that were raised: the state was replaced. */
  restore(alarms: readonly AlarmMember[]): void {
    this.#alarms = alarms
  }

  /** Answers whether there is such an alarm now: it may have been raised already. */
  activate(memberId: bigint, alarm: AlarmType): boolean {
    if (alarm === 'none') return false
    if (this.#find(memberId, alarm) !== undefined) return true
    const order = (a: AlarmMember, b: AlarmMember): number => (a.memberId < b.memberId ? -1 : 1)
    this.#alarms = [...this.#alarms, { memberId, alarm }].sort(order)
    return true
  }

  /** Answers whether it was raised. */
  deactivate(memberId: bigint, alarm: AlarmType): boolean {
    const found = this.#find(memberId, alarm)
    if (found !== undefined) this.#alarms = this.#alarms.filter((one) => one !== found)
    return found !== undefined
  }

  #find(memberId: bigint, alarm: AlarmType): AlarmMember | undefined {
    return this.#alarms.find((one) => one.memberId === memberId && one.alarm === alarm)
  }
}
