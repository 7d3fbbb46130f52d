import { flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { defineGenerator } from './generator.js'

export const ingress = defineGenerator({
  usage: 'ingress NAME --rule=host/path=service:port[,tls[=secret]]  [options]',
  summary: 'Create an ingress with the specified name',
  resource: {
    group: 'networking.k8s.io',
    version: 'v1',
    resource: 'ingresses',
    kind: 'Ingress',
    namespaced: true,
  },
  failure: 'failed to create ingress: ',
  flags: {
    annotation: flag.array(
      'Annotation to insert in the ingress object, in the format annotation=value',
    ),
    class: flag.string('Ingress Class to be used'),
    defaultBackend: flag.string('Default service for backend, in format of svcname:port'),
    rule: flag.array('Rule in format host/path=service:port[,tls=secretname].'),
  },
  async build(_, name, { flags }) {
    if (flags.rule.length === 0 && flags.defaultBackend === '') {
      throw new CommandError(
        'not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)',
      )
    }
    if (flags.defaultBackend !== '' && flags.defaultBackend.split(':').length !== 2) {
      throw new CommandError('default-backend should be in format servicename:serviceport')
    }
    const rules = flags.rule.map(parseRule)
    const hosts = [...new Set(rules.map(({ host }) => host))]
    const annotations = Object.fromEntries(flags.annotation.map((pair) => pair.split('=', 2)))
    const tls = rules.flatMap(({ host, secret }) =>
      secret === undefined
        ? []
        : [{ ...(host ? { hosts: [host] } : {}), ...(secret ? { secretName: secret } : {}) }],
    )
    return {
      metadata: { name, ...(flags.annotation.length > 0 ? { annotations } : {}) },
      spec: {
        ...(flags.class === '' ? {} : { ingressClassName: flags.class }),
        ...(flags.defaultBackend === '' ? {} : { defaultBackend: backendOf(flags.defaultBackend) }),
        ...(tls.length > 0 ? { tls } : {}),
        ...(rules.length === 0
          ? {}
          : {
              rules: hosts.map((host) => ({
                ...(host ? { host } : {}),
                http: { paths: rules.filter((rule) => rule.host === host).map(({ path }) => path) },
              })),
            }),
      },
      status: { loadBalancer: {} },
    }
  },
})

function parseRule(text: string) {
  const match = /^([^/=]*)(\/[^=]*)=([^,]+?)(?:,tls(?:=(.*))?)?$/.exec(text)
  if (!match) {
    throw new CommandError(
      `rule ${text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]`,
    )
  }
  const [whole, host = '', typed = '', backend = '', secret] = match
  const prefix = typed.endsWith('*')
  return {
    host,
    secret: whole.includes(',tls') ? (secret ?? '') : undefined,
    path: {
      path: prefix ? typed.slice(0, -1) || '/' : typed,
      pathType: prefix ? 'Prefix' : 'Exact',
      backend: backendOf(backend),
    },
  }
}

function backendOf(text: string) {
  const [name = '', port = ''] = text.split(':', 2)
  return { service: { name, port: /^\d+$/.test(port) ? { number: Number(port) } : { name: port } } }
}
