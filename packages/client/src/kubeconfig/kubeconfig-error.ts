/** Something in the kubeconfig is wrong or missing; the message is kubectl's where it has one. */
export class KubeconfigError extends Error {}
