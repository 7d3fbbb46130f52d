/** Who writes an object when a server starts, and who applies its status (if it is applied). */
export interface BootstrapManagers {
  readonly manager: string
  readonly statusManager?: string
}

const FLOW_CONTROL = 'api-priority-and-fairness-config'
const PRODUCER = `${FLOW_CONTROL}-producer-v1`

/** By kind; what is not here is written by the server under its own name. */
const MANAGERS: Readonly<Record<string, BootstrapManagers>> = {
  FlowSchema: { manager: PRODUCER, statusManager: `${FLOW_CONTROL}-consumer-v1` },
  PriorityLevelConfiguration: { manager: PRODUCER },
  ServiceCIDR: {
    manager: 'kube-apiserver',
    statusManager: 'kubernetes-service-cidr-controller',
  },
}

export const bootstrapManagers = (kind: string): BootstrapManagers =>
  MANAGERS[kind] ?? { manager: 'kube-apiserver' }
