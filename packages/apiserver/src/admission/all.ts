import { ResourceCatalog } from '@miniplane/api'
import { ALLOW, NO_RULES } from '../authz/authorizer.js'
import type { AdmissionPlugin } from './admission.js'
import type { AdmissionDependencies } from './dependencies.js'
import { type AdmissionSelection, selectAdmissionPlugins } from './select.js'

/** For whoever has no server around the plugins: everybody may do everything. */
const ALONE: AdmissionDependencies = {
  authorizer: { authorize: () => ALLOW, rulesFor: () => NO_RULES },
  catalog: new ResourceCatalog([]),
}

/** The plugins that a server runs unless told otherwise. */
export const defaultAdmissionPlugins = (
  selection: AdmissionSelection = {},
  given: AdmissionDependencies = ALONE,
): AdmissionPlugin[] => selectAdmissionPlugins(selection, given)
