import type { Service } from '@miniplane/api'

/** What tells a container of the Services that were there when it started. Source: the API's docs of Services. */
export function serviceVariables(services: readonly Service[]): Map<string, string> {
  const variables = new Map<string, string>()
  for (const { metadata, spec } of services) {
    const { clusterIP = '', ports = [] } = spec
    const [first] = ports
    if (clusterIP === '' || clusterIP === 'None' || !first) continue
    const prefix = (metadata.name ?? '').toUpperCase().replaceAll('-', '_')
    variables.set(`${prefix}_SERVICE_HOST`, clusterIP)
    variables.set(`${prefix}_SERVICE_PORT`, String(first.port))
    for (const { name, port } of ports)
      if (name)
        variables.set(
          `${prefix}_SERVICE_PORT_${name.toUpperCase().replaceAll('-', '_')}`,
          String(port),
        )
    const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP
    const url = (protocol: string, port: number) => `${protocol.toLowerCase()}://${host}:${port}`
    variables.set(`${prefix}_PORT`, url(first.protocol ?? 'TCP', first.port))
    for (const { port, protocol = 'TCP' } of ports) {
      const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`
      variables.set(name, url(protocol, port))
      variables.set(`${name}_PROTO`, protocol.toLowerCase())
      variables.set(`${name}_PORT`, String(port))
      variables.set(`${name}_ADDR`, clusterIP)
    }
  }
  return variables
}
