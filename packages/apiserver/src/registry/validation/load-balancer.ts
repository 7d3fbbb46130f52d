import {
  type FieldError,
  FieldPath,
  invalidValue,
  ipFamilyOf,
  isDns1123Subdomain,
} from '@miniplane/api'
import { ipFaults, ipWarnings } from './ip.js'

const INGRESS = FieldPath.of('status', 'loadBalancer', 'ingress')

interface IngressPoint {
  readonly ip?: string
  readonly hostname?: string
}

/** Where a load balancer can be reached, as the status of a Service or an Ingress says it. */
export function validateBalancerIngress(points: readonly IngressPoint[]): FieldError[] {
  const errors: FieldError[] = []
  for (const [i, { ip, hostname }] of points.entries()) {
    for (const fault of ip ? ipFaults(ip) : []) {
      errors.push(invalidValue(INGRESS.index(i).child('ip'), ip, fault))
    }
    if (!hostname) continue
    const path = INGRESS.index(i).child('hostname')
    for (const fault of isDns1123Subdomain(hostname)) {
      errors.push(invalidValue(path, hostname, fault))
    }
    if (ipFamilyOf(hostname) !== 0) {
      errors.push(invalidValue(path, hostname, 'must be a DNS name, not an IP address'))
    }
  }
  return errors
}

/** The path ends at the point, whose only address is meant. */
export const balancerWarnings = (points: readonly IngressPoint[]): string[] =>
  points.flatMap(({ ip }, i) => (ip ? ipWarnings(ip, INGRESS.index(i)) : []))
