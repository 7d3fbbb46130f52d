import { defaultClass, type Ingress } from '@miniplane/api'
import type { AdmissionPlugin } from '../admission.js'
import { objectAs, only } from './request-kinds.js'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const IS_DEFAULT = ['ingressclass.kubernetes.io/is-default-class']

/** An Ingress that names no class in either way gets the default one. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  handles: only('networking.k8s.io', 'ingresses', 'CREATE'),
  admit(request) {
    const { spec, metadata } = objectAs<Ingress>(request)
    if (spec.ingressClassName !== undefined) return
    if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return
    const classes = request.context.lister.list('networking.k8s.io', 'ingressclasses')
    const name = defaultClass(classes, IS_DEFAULT)
    if (name !== undefined) spec.ingressClassName = name
  },
}
