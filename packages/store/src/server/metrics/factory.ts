import {
  Counter as LabelledCounter,
  Gauge as LabelledGauge,
  Histogram as LabelledHistogram,
  type Registry,
} from 'prom-client'
import type { Counter, Gauge, Histogram } from '../../metrics/metrics.js'

/** Makes metrics of one registry. */
export class MetricFactory {
  readonly #registers: Registry[]

  constructor(registry: Registry) {
    this.#registers = [registry]
  }

  counter(name: string, help: string): Counter {
    const counter = this.counters(name, help, [])
    return { add: (count = 1) => counter.inc(count) }
  }

  gauge(name: string, help: string): Gauge {
    const gauge = this.gauges(name, help, [])
    return { set: (value) => gauge.set(value) }
  }

  histogram(name: string, help: string, buckets: readonly number[], scale = 1): Histogram {
    const histogram = this.histograms(name, help, [], buckets)
    return { observe: (value) => histogram.observe(value * scale) }
  }

  counters(name: string, help: string, labelNames: string[]): LabelledCounter {
    return new LabelledCounter({ name, help, labelNames, registers: this.#registers })
  }

  gauges(name: string, help: string, labelNames: string[]): LabelledGauge {
    return new LabelledGauge({ name, help, labelNames, registers: this.#registers })
  }

  histograms(
    name: string,
    help: string,
    labelNames: string[],
    buckets: readonly number[],
  ): LabelledHistogram {
    const registers = this.#registers
    return new LabelledHistogram({ name, help, labelNames, buckets: [...buckets], registers })
  }
}

/** Bounds of a histogram: `count` of them, each `factor` times the one before. */
export const exponential = (start: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start * factor ** i)
