export { type ControlPlane, startControlPlane } from './control-plane.js'
export type { ControlPlaneOptions, EtcdOptions, TokenUser } from './options.js'
