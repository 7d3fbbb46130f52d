/** `apps.v1.Deployment` as OpenAPI documents call it: `io.k8s.api.apps.v1.Deployment`. */
export function definitionName(name: string): string {
  const [, group = '', version = '', kind = ''] = /^(.*)\.(v[^.]+)\.([^.]+)$/.exec(name) ?? []
  switch (group) {
    case '':
      return `io.k8s.apimachinery.pkg.${name.replace(/^runtime\.Info$/, 'version.Info')}`
    case 'meta':
      return `io.k8s.apimachinery.pkg.apis.meta.${version}.${kind}`
    case 'apiextensions.k8s.io':
      return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${kind}`
    case 'apiregistration.k8s.io':
      return `io.k8s.kube-aggregator.pkg.apis.apiregistration.${version}.${kind}`
    default:
      return `io.k8s.api.${group.split('.')[0]}.${version}.${kind}`
  }
}

/** Types that are no structs of fields, by the name of their scalar. */
export const SCALAR_DEFINITIONS: Readonly<Record<string, string>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  raw: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  fieldsV1: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
}
