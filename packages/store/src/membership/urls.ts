/** What is wrong with a URL or a list of them, in etcd's words. */
export class UrlError extends Error {
  override readonly name = 'UrlError'
}

/**
 * URLs of a member, checked and in order. Throws a `UrlError`. Source: etcd, types.NewURLs.
 */
export function checkUrls(urls: readonly string[]): string[] {
  if (urls.length === 0) throw new UrlError('no valid URLs given')
  return urls.map((url) => checkUrl(url.trim())).sort()
}

function checkUrl(url: string): string {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url)
  const scheme = parts?.[1]?.toLowerCase()
  if (scheme === 'unix' || scheme === 'unixs') return url
  if (parts === null || (scheme !== 'http' && scheme !== 'https')) {
    throw new UrlError(`URL scheme must be http, https, unix, or unixs: ${url}`)
  }
  const host = parts[2] ?? ''
  if (!/^(\[[0-9a-f:.%]+\]|[^:\s[\]@]*):\d*$/i.test(host)) {
    throw new UrlError(`URL address does not have the form "host:port": ${url}`)
  }
  if (parts[3] !== '') throw new UrlError(`URL must not contain a path: ${url}`)
  return `${scheme}://${host}`
}

/** Each member's name with its peer URLs. */
export type InitialCluster = ReadonlyMap<string, readonly string[]>

/**
 * Reads `--initial-cluster`: `a=http://10.0.0.1:2380,b=http://10.0.0.2:2380`; a name that comes
 * more than once has several URLs. Throws a `UrlError`.
 */
export function parseInitialCluster(text: string): InitialCluster {
  const byName = new Map<string, string[]>()
  for (const part of text.split(',')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    const url = equals < 0 ? '' : part.slice(equals + 1)
    byName.set(name, [...(byName.get(name) ?? []), url])
  }
  return new Map([...byName].map(([name, urls]) => [name, checkUrls(urls)]))
}

/** The inverse of `parseInitialCluster`, in order. */
export const formatInitialCluster = (cluster: InitialCluster): string =>
  [...cluster]
    .flatMap(([name, urls]) => urls.map((url) => `${name}=${url}`))
    .sort()
    .join(',')
