import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { labelSelectorObject } from '../../workload/selector-text.js'
import { defineGenerator } from './generator.js'

export const podDisruptionBudget = defineGenerator({
  usage:
    'poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none] [options]',
  summary: 'Create a pod disruption budget with the specified name',
  resource: {
    group: 'policy',
    version: 'v1',
    resource: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    namespaced: true,
  },
  failure: 'failed to create poddisruptionbudgets: ',
  flags: {
    maxUnavailable: flag.string(
      'The maximum number or percentage of unavailable pods this budget requires.',
    ),
    minAvailable: flag.string(
      'The minimum number or percentage of available pods this budget requires.',
    ),
    selector: flag.string('A label selector to use for this budget.'),
  },
  async build(_, __, { flags }) {
    const { minAvailable, maxUnavailable } = flags
    if (flags.selector === '') throw new CommandError('a selector must be specified')
    if (minAvailable === '' && maxUnavailable === '') {
      throw new CommandError('one of min-available or max-unavailable must be specified')
    }
    if (minAvailable !== '' && maxUnavailable !== '') {
      throw new CommandError('min-available and max-unavailable cannot be both specified')
    }
    for (const [flagName, text] of Object.entries({
      'min-available': minAvailable,
      'max-unavailable': maxUnavailable,
    })) {
      if (text !== '' && !/^-?\d+$|^\d+%$/.test(text)) {
        throw new CommandError(`invalid format specified for ${flagName}`)
      }
    }
    return {
      spec: {
        ...(minAvailable === '' ? {} : { minAvailable: intOrText(minAvailable) }),
        selector: labelSelectorObject(flags.selector),
        ...(maxUnavailable === '' ? {} : { maxUnavailable: intOrText(maxUnavailable) }),
      },
      status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 },
    }
  },
})

const intOrText = (text: string): number | string => (/^-?\d+$/.test(text) ? Number(text) : text)
