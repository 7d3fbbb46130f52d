import {
  formatTime,
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerCondition,
  type HorizontalPodAutoscalerStatus,
  type KubeObject,
  semanticEqual,
  setCondition,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'
import { updateStatus } from '../manager/update-status.js'

export type Autoscaler = HorizontalPodAutoscaler & KubeObject

type ConditionType = 'AbleToScale' | 'ScalingActive' | 'ScalingLimited'

/** One look at one autoscaler: gathers its new status, reports, and writes what has changed. */
export class Session {
  readonly autoscaler: Autoscaler
  readonly #work: Work
  readonly #nowMs: number
  #conditions: readonly HorizontalPodAutoscalerCondition[]

  constructor(autoscaler: Autoscaler, work: Work, nowMs: number) {
    this.autoscaler = autoscaler
    this.#work = work
    this.#nowMs = nowMs
    this.#conditions = autoscaler.status.conditions ?? []
  }

  condition(type: ConditionType, status: 'True' | 'False', reason: string, message: string): void {
    const condition = { type, status, reason, message }
    this.#conditions = setCondition(this.#conditions, condition, this.#nowMs)
  }

  event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#work.event(this.autoscaler, resources.horizontalPodAutoscalers, { type, reason, message })
  }

  /** Writes the status if it is another than it was. */
  async save(
    counts: Partial<HorizontalPodAutoscalerStatus> = {},
    hasRescaled = false,
  ): Promise<void> {
    const { autoscaler } = this
    const status: HorizontalPodAutoscalerStatus = {
      ...autoscaler.status,
      ...counts,
      ...(hasRescaled && { lastScaleTime: formatTime(this.#nowMs) }),
      conditions: [...this.#conditions],
    }
    if (semanticEqual(status, autoscaler.status)) return
    const client = this.#work.client.of(resources.horizontalPodAutoscalers)
    await updateStatus(client, autoscaler, (latest) => ({ ...latest, status }))
  }
}
