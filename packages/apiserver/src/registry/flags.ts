import type { Strategy } from './strategy.js'

type Flags = Pick<
  Strategy,
  'allowCreateOnUpdate' | 'allowUnconditionalUpdate' | 'returnsDeletedObject' | 'defaultPropagation'
>

const CONDITIONAL: Flags = { allowUnconditionalUpdate: false }
const ANSWERS_OBJECT: Flags = { returnsDeletedObject: true }

/** How the kinds differ in what they allow, by group and resource; what is not here is usual. */
export const FLAGS: Readonly<Record<string, Flags>> = {
  '/podtemplates': ANSWERS_OBJECT,
  '/resourcequotas': ANSWERS_OBJECT,
  'apiextensions.k8s.io/customresourcedefinitions': { ...CONDITIONAL, ...ANSWERS_OBJECT },
  'node.k8s.io/runtimeclasses': CONDITIONAL,
  'storage.k8s.io/csidrivers': CONDITIONAL,
  'storage.k8s.io/csinodes': { ...CONDITIONAL, ...ANSWERS_OBJECT },
  'storage.k8s.io/csistoragecapacities': CONDITIONAL,
  'storage.k8s.io/volumeattachments': CONDITIONAL,
  'storage.k8s.io/volumeattributesclasses': ANSWERS_OBJECT,
}
