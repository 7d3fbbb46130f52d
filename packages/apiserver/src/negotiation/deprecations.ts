import type { ResourceDefinition } from '@miniplane/api'

const DEPRECATED: Readonly<Record<string, string>> = {
  '/v1/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  '/v1/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
}

/** What every request for a deprecated kind is warned of. */
export const deprecationOf = ({
  group,
  version,
  resource,
}: ResourceDefinition): string | undefined => DEPRECATED[`${group}/${version}/${resource}`]
