export {
  type ControlPlane,
  type ListeningControlPlane,
  startControlPlane,
} from './control-plane.js'
export type { ControlPlaneOptions, EtcdOptions, HttpsPlace, TokenUser } from './options.js'
