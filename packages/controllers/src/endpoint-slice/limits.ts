/** Bounds of what is written about a Service. */
export const limits = {
  endpointsPerSliceMax: 100,
  /** More addresses don't fit into the older Endpoints. */
  addressesPerEndpointsMax: 1000,
  /** How long to wait for the cache to show what was written, before taking it for the truth. */
  cacheLagMaxMs: 30_000,
} as const
