import {
  Counter as LabelledCounter,
  Gauge as LabelledGauge,
  Histogram as LabelledHistogram,
  type Registry,
} from 'prom-client'
import type { Counter, Gauge, Histogram } from '../../metrics/metrics.js'
import { TallyHistogram } from './tally-histogram.js'

/** Makes metrics of one registry. */
export class MetricFactory {
  readonly #registers: Registry[]

  constructor(registry: Registry) {
    this.#registers = [registry]
  }

  counter(name: string, help: string): Counter {
    const child = new Tally()
    this.#collected(name, help, [], (counter) => counter.inc(child.count))
    return child
  }

  /** Counters of one name, each with its own labels. */
  tallies<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
  ): (labels: Readonly<Record<Label, string>>) => Counter {
    const children = new Map<string, { labels: Readonly<Record<Label, string>>; tally: Tally }>()
    this.#collected(name, help, labelNames, (counter) => {
      for (const { labels, tally } of children.values()) counter.inc(labels, tally.count)
    })
    return (labels) => {
      const key = labelNames.map((label) => labels[label]).join('\n')
      const child = children.get(key) ?? { labels, tally: new Tally() }
      children.set(key, child)
      return child.tally
    }
  }

  /** A counter that is told its value when somebody asks for it. */
  #collected(
    name: string,
    help: string,
    labelNames: readonly string[],
    tell: (counter: LabelledCounter) => void,
  ): void {
    new LabelledCounter({
      name,
      help,
      labelNames: [...labelNames],
      registers: this.#registers,
      collect() {
        this.reset()
        tell(this)
      },
    })
  }

  gauge(name: string, help: string): Gauge {
    const gauge = this.gauges(name, help, [])
    return { set: (value) => gauge.set(value) }
  }

  histogram(name: string, help: string, buckets: readonly number[], scale = 1): Histogram {
    const histogram = new TallyHistogram(name, help, buckets, scale)
    for (const registry of this.#registers) histogram.registerIn(registry)
    return histogram
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

/** Counts without the library, whose counters cost a microsecond each time: calls count a lot. */
class Tally implements Counter {
  count = 0

  add(count = 1): void {
    this.count += count
  }
}

/** Bounds of a histogram: `count` of them, each `factor` times the one before. */
export const exponential = (start: number, factor: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => start * factor ** i)
