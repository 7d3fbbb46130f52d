/** What a URL of `--listen-…-urls` stands for. */
export interface Address {
  /** As it was given. */
  readonly url: string
  readonly isSecure: boolean
  readonly target:
    | { readonly host: string; readonly port: number }
    /** A Unix socket. */
    | { readonly path: string }
}

export function parseAddress(url: string): Address {
  const [, scheme = '', rest = ''] = /^(\w+):\/\/(.*)$/.exec(url) ?? []
  const isSecure = scheme === 'https' || scheme === 'unixs'
  if (scheme.startsWith('unix')) return { url, isSecure, target: { path: rest } }
  const colon = rest.lastIndexOf(':')
  const named = rest.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  // Clients that know no IPv6 try this one alone, and the others this one, too.
  const host = named === 'localhost' ? '127.0.0.1' : named
  return { url, isSecure, target: { host, port: Number(rest.slice(colon + 1)) } }
}

/** The same for addresses that one listener serves. */
export const keyOf = ({ target }: Address): string =>
  'path' in target ? target.path : `${target.host}:${target.port}`

/** The URL with the port that was given to whoever asked for any. */
export const withPort = (url: string, port: number): string => url.replace(/:0$/, `:${port}`)

/** Those that were advertised with any port, with the ports of where it listens. */
export const withPorts = (urls: readonly string[], listening: readonly string[]): string[] =>
  urls.map((url, i) => {
    const port = /:(\d+)$/.exec(listening[i] ?? listening[0] ?? '')?.[1]
    return port === undefined ? url : withPort(url, Number(port))
  })
