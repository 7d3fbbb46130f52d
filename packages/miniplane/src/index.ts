export { type ControlPlane, startControlPlane } from './control-plane.js'
export type { ControlPlaneOptions, TokenUser } from './options.js'
