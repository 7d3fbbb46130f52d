import type { AdmissionPlugin } from '../admission.js'
import { refuse } from './request-kinds.js'

/** Does what it says; kept for those who still name it. */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit', handles: () => false }

/** For tests of what a server does that takes nothing. */
export const alwaysDeny: AdmissionPlugin = {
  name: 'AlwaysDeny',
  handles: () => true,
  validate(request) {
    throw refuse(request, 'admission control is denying all modifications')
  },
}
