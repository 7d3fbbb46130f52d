/** Bounds of what is written about a Service. */
export const limits = {
  endpointsPerSliceMax: 100,
  /** More addresses don't fit into the older Endpoints. */
  addressesPerEndpointsMax: 1000,
} as const
