/** What an answer says about the flow that its request was put into. */
export type FlowHeaders = Readonly<
  Record<'x-kubernetes-pf-flowschema-uid' | 'x-kubernetes-pf-prioritylevel-uid', string>
>
