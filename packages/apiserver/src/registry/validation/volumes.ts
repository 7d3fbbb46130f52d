import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  type ObjectMeta,
  parseQuantity,
  required,
  type Volume,
} from '@miniplane/api'
import { oneOf, validateAnnotations, validateLabels } from './object-meta.js'
import { fileMode, localDescendingPath } from './paths.js'
import { validateDownwardFile, validateItems, validateProjected } from './projected-volumes.js'
import { validateClaimSpec } from './volume-claims.js'
import {
  innerPath,
  needs,
  SHARED_RULES,
  type SharedKind,
  type SourceContext,
  secondSource,
  validateDriverName,
} from './volume-sources.js'

type SourceKind = Exclude<keyof Volume, 'name'>
type OwnKind = Exclude<SourceKind, SharedKind>
type OwnRules = {
  readonly [K in OwnKind]: (source: NonNullable<Volume[K]>, context: PodContext) => void
}
/** `podName` is known of Pods only: a template makes many. */
type PodContext = SourceContext & { readonly podName: string | undefined }

const OWN_RULES: OwnRules = {
  emptyDir({ sizeLimit }, { path, errors }) {
    if (sizeLimit === undefined || parseQuantity(sizeLimit).sign() >= 0) return
    const detail = 'SizeLimit field must be a valid resource quantity'
    errors.push(forbiddenField(path.child('sizeLimit'), detail))
  },
  gitRepo(source, context) {
    needs(source, ['repository'], context)
    const { path, errors } = context
    if (source.directory) localDescendingPath(source.directory, path.child('directory'), errors)
  },
  secret(source, context) {
    const { path, errors } = context
    needs(source, ['secretName'], context)
    fileMode(source.defaultMode, path.child('defaultMode'), errors)
    validateItems(source.items, path, errors)
  },
  persistentVolumeClaim: (source, context) => needs(source, ['claimName'], context),
  downwardAPI(source, { path, errors }) {
    fileMode(source.defaultMode, path.child('defaultMode'), errors)
    for (const file of source.items ?? []) validateDownwardFile(file, path, errors)
  },
  configMap(source, context) {
    const { path, errors } = context
    needs(source, ['name'], context)
    fileMode(source.defaultMode, path.child('defaultMode'), errors)
    validateItems(source.items, path, errors)
  },
  projected: (source, { path, errors }) => validateProjected(source, path, errors),
  csi({ driver, nodePublishSecretRef: secret }, { path, errors }) {
    validateDriverName(driver, path.child('driver'), errors)
    if (!secret) return
    if (!secret.name) errors.push(required(path.child('nodePublishSecretRef', 'name'), ''))
    else {
      for (const fault of isDns1123Subdomain(secret.name)) {
        errors.push(invalidValue(path.child('name'), secret.name, fault))
      }
    }
  },
  ephemeral({ volumeClaimTemplate }, context) {
    const { path, errors } = context
    const at = path.child('volumeClaimTemplate')
    if (!volumeClaimTemplate) errors.push(required(at, ''))
    else {
      validateTemplateMeta(volumeClaimTemplate.metadata, at.child('metadata'), errors)
      validateClaimSpec(volumeClaimTemplate.spec, at.child('spec'), errors)
    }
    validateClaimName(context)
  },
  image(source, context) {
    const { path, errors } = context
    if (context.podName !== undefined) needs(source, ['reference'], context)
    if (source.pullPolicy) validatePullPolicy(source.pullPolicy, path.child('pullPolicy'), errors)
  },
}

// A rule is only ever handed the source that it is registered for.
const RULES = { ...SHARED_RULES, ...OWN_RULES } as Record<
  SourceKind,
  (source: unknown, context: PodContext) => void
>

/** In the order in which the real server looks at them. */
const SOURCE_KINDS = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const satisfies readonly SourceKind[]

/** The claim that will be made for the volume is named after Pod and volume. */
function validateClaimName({ podName, volumeName, volumePath, errors }: PodContext): void {
  if (!podName || !volumeName) return
  const claim = `${podName}-${volumeName}`
  for (const fault of isDns1123Subdomain(claim)) {
    const detail = `PVC name ${JSON.stringify(claim)}: ${fault}`
    errors.push(invalidValue(volumePath.child('name'), volumeName, detail))
  }
}

/** Labels and annotations are all that a template for another object may say of its metadata. */
export function validateTemplateMeta(
  meta: ObjectMeta | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateAnnotations(meta?.annotations, path.child('annotations'), errors)
  validateLabels(meta?.labels, path.child('labels'), errors)
  for (const field in meta) {
    if (field === 'labels' || field === 'annotations') continue
    errors.push(forbiddenField(path.child(field), 'cannot be set'))
  }
}

export function validatePullPolicy(
  policy: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!policy) errors.push(required(path, ''))
  else oneOf(policy, ['Always', 'IfNotPresent', 'Never'], path, errors)
}

/** Checks volumes and returns the valid ones by name: only these can be mounted. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  podName: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): Map<string, Volume> {
  const valid = new Map<string, Volume>()
  const made = claimsToBeMade(volumes ?? [], podName)
  for (const [i, volume] of (volumes ?? []).entries()) {
    const at = path.index(i)
    const before = errors.length
    validateSource(volume, podName, at, errors)
    if (!volume.name) errors.push(required(at.child('name'), ''))
    else {
      for (const fault of isDns1123Label(volume.name)) {
        errors.push(invalidValue(at.child('name'), volume.name, fault))
      }
    }
    if (valid.has(volume.name)) errors.push(duplicate(at.child('name'), volume.name))
    if (errors.length === before) valid.set(volume.name, volume)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim !== undefined && made.includes(claim)) {
      const detail = 'must not reference a PVC that gets created for an ephemeral volume'
      errors.push(invalidValue(at.child('persistentVolumeClaim', 'claimName'), claim, detail))
    }
  }
  return valid
}

const claimsToBeMade = (volumes: readonly Volume[], podName: string | undefined) =>
  volumes.filter((one) => podName && one.ephemeral).map(({ name }) => `${podName}-${name}`)

/** One for nearly every volume; several in the order in which they are looked at. */
function sourcesOf(volume: Volume): readonly SourceKind[] {
  const given = Object.keys(volume).filter((kind) => kind !== 'name' && volume[kind as SourceKind])
  return given.length < 2 ? (given as SourceKind[]) : SOURCE_KINDS.filter((kind) => volume[kind])
}

function validateSource(
  volume: Volume,
  podName: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  const [first, ...others] = sourcesOf(volume)
  if (first === undefined) {
    errors.push(required(path, 'must specify a volume type'))
    return
  }
  const context = {
    path: path.child(innerPath(first)),
    volumePath: path,
    volumeName: volume.name,
    isPersistent: false,
    podName,
    errors,
  }
  RULES[first](volume[first], context)
  for (const kind of others) errors.push(secondSource(kind, path))
}
