import { onChangedNode } from '../framework/hints.js'
import { FITS, type FilterPlugin, unresolvable } from '../framework/plugin.js'

const WRONG_NODE = unresolvable("node(s) didn't match the requested node name")

/** A Pod that names its node goes there or nowhere. */
export const nodeName: FilterPlugin = {
  name: 'NodeName',
  retryOn: ['node/added'],
  mayHelp: onChangedNode,
  prefilter({ pod }) {
    const wanted = pod.spec.nodeName
    if (!wanted) return undefined
    return { filter: (node) => (node.name === wanted ? FITS : WRONG_NODE) }
  },
}
