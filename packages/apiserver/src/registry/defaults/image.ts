/**
 * Whether an image means whatever is newest: no tag and no digest, or the tag `latest`. The
 * registry's port is not a tag.
 */
export function isLatestImage(image: string): boolean {
  const name = image.slice(image.lastIndexOf('/') + 1)
  if (name.includes('@')) return false
  const colon = name.indexOf(':')
  return colon < 0 || name.slice(colon + 1) === 'latest'
}

export const defaultPullPolicy = (image: string): string =>
  isLatestImage(image) ? 'Always' : 'IfNotPresent'
