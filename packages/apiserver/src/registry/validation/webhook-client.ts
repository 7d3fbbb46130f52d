import {
  type FieldError,
  type FieldPath,
  goQuote,
  invalidValue,
  isDns1123Subdomain,
  isValidPortNum,
  required,
} from '@miniplane/api'

const FORM = '; desired format: https://host[/path]'

interface ClientConfig {
  readonly url?: string
  readonly service?: {
    readonly name: string
    readonly namespace: string
    readonly path?: string
    readonly port?: number
  }
}

/** Where the server of a webhook is: at a URL, or behind a Service. */
export function validateWebhookClient(
  { url, service }: ClientConfig,
  path: FieldPath,
  errors: FieldError[],
): void {
  if ((url === undefined) === (service === undefined))
    errors.push(required(path, 'exactly one of url or service is required'))
  else if (url !== undefined) validateUrl(url, path.child('url'), errors)
  else if (service) validateService(service, path.child('service'), errors)
}

function validateUrl(text: string, path: FieldPath, errors: FieldError[]): void {
  const wrong = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text)?.[0]
  if (wrong !== undefined) {
    const fault = `parse ${goQuote(text)}: invalid URL escape ${goQuote(wrong)}`
    errors.push(required(path, `url must be a valid URL: ${fault}${FORM}`))
    return
  }
  // Not the standard parser: it puts right what has to be reported.
  const [, scheme = '', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(.*)$/s.exec(text) ?? []
  const [, authority = '', query = '', fragment = ''] =
    /^(?:\/\/([^/?#]*))?[^?#]*(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest) ?? []
  const at = authority.lastIndexOf('@')
  const faults: [value: string, detail: string][] = []
  if (scheme.toLowerCase() !== 'https')
    faults.push([scheme.toLowerCase(), `'https' is the only allowed URL scheme${FORM}`])
  if (authority.slice(at + 1) === '') faults.push(['', `host must be specified${FORM}`])
  if (at >= 0) faults.push([authority.slice(0, at), 'user information is not permitted in the URL'])
  if (fragment !== '') faults.push([fragment, 'fragments are not permitted in the URL'])
  if (query !== '') faults.push([query, 'query parameters are not permitted in the URL'])
  for (const [value, detail] of faults) errors.push(invalidValue(path, value, detail))
}

function validateService(
  { name, namespace, path: urlPath, port }: NonNullable<ClientConfig['service']>,
  path: FieldPath,
  errors: FieldError[],
): void {
  // The real server takes the one for the other, and its clients see it.
  if (!namespace) errors.push(required(path.child('name'), ''))
  if (!name) errors.push(required(path.child('namespace'), ''))
  const faults = port === undefined ? [] : isValidPortNum(port)
  if (faults.length > 0)
    errors.push(invalidValue(path.child('port'), port, `port is not valid: ${faults.join(',')}`))
  if (urlPath) validatePath(urlPath, path.child('path'), errors)
}

function validatePath(urlPath: string, path: FieldPath, errors: FieldError[]): void {
  if (urlPath === '/') return
  const refuse = (detail: string) => errors.push(invalidValue(path, urlPath, detail))
  if (urlPath === '//') {
    refuse('segment[0] may not be empty')
    return
  }
  if (!urlPath.startsWith('/')) refuse("must start with a '/'")
  const steps = urlPath.slice(1).replace(/\/$/, '').split('/')
  for (const [i, step] of steps.entries()) {
    if (step === '') refuse(`segment[${i}] may not be empty`)
    else for (const fault of isDns1123Subdomain(step)) refuse(`segment[${i}]: ${fault}`)
  }
}
