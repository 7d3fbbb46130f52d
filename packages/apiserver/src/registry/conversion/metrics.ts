import { decodeObject, namedSchema } from '@miniplane/api'

/** A metric in either version: a type, and under the type's name where it comes from. */
export type Metric = { type: string } & { [source: string]: unknown }
interface Amounts {
  type?: string
  value?: string
  averageValue?: string
  averageUtilization?: number
}
type Fields = Record<string, unknown>

/** What is asked for, and what was measured: the same fields under other names. */
export type Aspect = 'target' | 'current'

const V1_TYPES = { target: 'autoscaling.v1.MetricSpec', current: 'autoscaling.v1.MetricStatus' }

/** Whether it is the one metric for which `autoscaling/v1` has a field. */
export function cpuUtilization({ type, resource }: Metric, aspect: Aspect): number | undefined {
  const source = resource as Fields | undefined
  if (type !== 'Resource' || source?.name !== 'cpu') return undefined
  return (source[aspect] as Amounts | undefined)?.averageUtilization
}

export function cpuMetric(percent: number, aspect: Aspect): Metric {
  const amounts = {
    ...(aspect === 'target' && { type: 'Utilization' }),
    averageUtilization: percent,
  }
  return { type: 'Resource', resource: { name: 'cpu', [aspect]: amounts } }
}

/** As `autoscaling/v1` keeps it in an annotation. */
export function metricToV1(metric: Metric, aspect: Aspect): Metric {
  const field = sourceField(metric)
  const source = metric[field] as Fields | undefined
  const v1 = source ? { type: metric.type, [field]: sourceToV1(field, source, aspect) } : metric
  return decodeObject(v1, namedSchema(V1_TYPES[aspect])).object as Metric
}

export function metricFromV1(metric: Metric, aspect: Aspect): Metric {
  const field = sourceField(metric)
  const source = metric[field] as Fields | undefined
  return source ? { type: metric.type, [field]: sourceFromV1(field, source, aspect) } : metric
}

/** `ContainerResource` → `containerResource`. */
const sourceField = ({ type = '' }: Metric) => `${type.slice(0, 1).toLowerCase()}${type.slice(1)}`

function sourceToV1(field: string, source: Fields, aspect: Aspect): Fields {
  const { value, averageValue, averageUtilization } = (source[aspect] ?? {}) as Amounts
  const { name: metricName, selector } = (source.metric ?? {}) as Fields
  const average = { [`${aspect}AverageValue`]: averageValue }
  switch (field) {
    case 'object':
      return {
        target: source.describedObject,
        metricName,
        [`${aspect}Value`]: value ?? '0',
        selector,
        averageValue,
      }
    case 'pods':
      return { metricName, ...average, selector }
    case 'external':
      return { metricName, metricSelector: selector, [`${aspect}Value`]: value, ...average }
    default:
      return {
        name: source.name,
        [`${aspect}AverageUtilization`]: averageUtilization,
        ...average,
        container: source.container,
      }
  }
}

function sourceFromV1(field: string, source: Fields, aspect: Aspect): Fields {
  const value = source[`${aspect}Value`]
  const averageUtilization = source[`${aspect}AverageUtilization`]
  const averageValue = source[`${aspect}AverageValue`] ?? source.averageValue
  const selector = source.metricSelector ?? source.selector
  const metric = { name: source.metricName, selector }
  const of = (type: string): Fields => ({
    [aspect]: {
      ...(aspect === 'target' && { type }),
      value,
      averageValue,
      averageUtilization,
    },
  })
  switch (field) {
    case 'object': {
      const type = averageValue === undefined ? 'Value' : 'AverageValue'
      return { describedObject: source.target, metric, ...of(type) }
    }
    case 'pods':
      return { metric, ...of('AverageValue') }
    case 'external':
      return { metric, ...of(value === undefined ? 'AverageValue' : 'Value') }
    default: {
      const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization'
      return { name: source.name, ...of(type), container: source.container }
    }
  }
}
