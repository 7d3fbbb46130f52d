import type { FieldSchema, StructSchema } from '@miniplane/api'

/**
 * What the tables don't say of the Go structs behind a Pod template: how their fields are called,
 * and which of their strings have a type of their own. The names are k8s.io/api's.
 */

/** A JSON name that begins with one of these has it in capitals in Go: `fsGroup` → `FSGroup`. */
const INITIALISM =
  /^(?:api|aws|csi|dns|fc|fs|gce|gmsa|grpc|http|ip|iqn|iscsi|nfs|os|rbd|se|ssl|tcp|tty|uid)(?=[A-Z]|$)/

/** Fields, by `Struct.field` or by name alone, that are called something else. */
const FIELD_NAMES = new Map([
  ['metadata', 'ObjectMeta'],
  ['serviceAccount', 'DeprecatedServiceAccount'],
  ['cephfs', 'CephFS'],
  ['storageos', 'StorageOS'],
  ['wwids', 'WWIDs'],
  ['pdName', 'PDName'],
  ['diskURI', 'DataDiskURI'],
  ['chapAuthDiscovery', 'DiscoveryCHAPAuth'],
  ['chapAuthSession', 'SessionCHAPAuth'],
  ['GlusterfsVolumeSource.endpoints', 'EndpointsName'],
  ['RBDVolumeSource.image', 'RBDImage'],
  ['RBDVolumeSource.monitors', 'CephMonitors'],
  ['RBDVolumeSource.pool', 'RBDPool'],
  ['RBDVolumeSource.user', 'RadosUser'],
])

/** Types that are strings to everybody else, by `Struct.field`; of a list, its items'. */
const STRING_TYPES = new Map([
  ['AppArmorProfile.type', 'v1.AppArmorProfileType'],
  ['AzureDiskVolumeSource.cachingMode', 'v1.AzureDataDiskCachingMode'],
  ['AzureDiskVolumeSource.kind', 'v1.AzureDataDiskKind'],
  ['Capabilities.add', 'v1.Capability'],
  ['Capabilities.drop', 'v1.Capability'],
  ['Container.imagePullPolicy', 'v1.PullPolicy'],
  ['Container.restartPolicy', 'v1.ContainerRestartPolicy'],
  ['Container.terminationMessagePolicy', 'v1.TerminationMessagePolicy'],
  ['ContainerPort.protocol', 'v1.Protocol'],
  ['ContainerResizePolicy.resourceName', 'v1.ResourceName'],
  ['ContainerResizePolicy.restartPolicy', 'v1.ResourceResizeRestartPolicy'],
  ['ContainerRestartRule.action', 'v1.ContainerRestartRuleAction'],
  ['ContainerRestartRuleOnExitCodes.operator', 'v1.ContainerRestartRuleOnExitCodesOperator'],
  ['EmptyDirVolumeSource.medium', 'v1.StorageMedium'],
  ['EphemeralContainerCommon.imagePullPolicy', 'v1.PullPolicy'],
  ['EphemeralContainerCommon.restartPolicy', 'v1.ContainerRestartPolicy'],
  ['EphemeralContainerCommon.terminationMessagePolicy', 'v1.TerminationMessagePolicy'],
  ['HTTPGetAction.scheme', 'v1.URIScheme'],
  ['HostPathVolumeSource.type', 'v1.HostPathType'],
  ['ImageVolumeSource.pullPolicy', 'v1.PullPolicy'],
  ['LabelSelectorRequirement.operator', 'v1.LabelSelectorOperator'],
  ['Lifecycle.stopSignal', 'v1.Signal'],
  ['ManagedFieldsEntry.operation', 'v1.ManagedFieldsOperationType'],
  ['NodeSelectorRequirement.operator', 'v1.NodeSelectorOperator'],
  ['ObjectMeta.uid', 'types.UID'],
  ['OwnerReference.uid', 'types.UID'],
  ['PersistentVolumeClaimSpec.accessModes', 'v1.PersistentVolumeAccessMode'],
  ['PersistentVolumeClaimSpec.volumeMode', 'v1.PersistentVolumeMode'],
  ['PodOS.name', 'v1.OSName'],
  ['PodReadinessGate.conditionType', 'v1.PodConditionType'],
  ['PodSecurityContext.fsGroupChangePolicy', 'v1.PodFSGroupChangePolicy'],
  ['PodSecurityContext.seLinuxChangePolicy', 'v1.PodSELinuxChangePolicy'],
  ['PodSecurityContext.supplementalGroupsPolicy', 'v1.SupplementalGroupsPolicy'],
  ['PodSpec.dnsPolicy', 'v1.DNSPolicy'],
  ['PodSpec.preemptionPolicy', 'v1.PreemptionPolicy'],
  ['PodSpec.restartPolicy', 'v1.RestartPolicy'],
  ['SeccompProfile.type', 'v1.SeccompProfileType'],
  ['SecurityContext.procMount', 'v1.ProcMountType'],
  ['Toleration.effect', 'v1.TaintEffect'],
  ['Toleration.operator', 'v1.TolerationOperator'],
  ['TopologySpreadConstraint.nodeAffinityPolicy', 'v1.NodeInclusionPolicy'],
  ['TopologySpreadConstraint.nodeTaintsPolicy', 'v1.NodeInclusionPolicy'],
  ['TopologySpreadConstraint.whenUnsatisfiable', 'v1.UnsatisfiableConstraintAction'],
  ['VolumeMount.mountPropagation', 'v1.MountPropagationMode'],
  ['VolumeMount.recursiveReadOnly', 'v1.RecursiveReadOnlyMode'],
])

/** `core.v1.Container` → `Container`. */
export const shortName = ({ name }: StructSchema): string => name.slice(name.lastIndexOf('.') + 1)

/** How Go's reflection calls the type: all packages of an API's version are called `v1`. */
export const goTypeName = (struct: StructSchema): string => `v1.${shortName(struct)}`

export function goFieldName(struct: StructSchema, { name }: FieldSchema): string {
  const known = FIELD_NAMES.get(`${shortName(struct)}.${name}`) ?? FIELD_NAMES.get(name)
  if (known !== undefined) return known
  const start = INITIALISM.exec(name)?.[0] ?? name.slice(0, 1)
  return start.toUpperCase() + name.slice(start.length)
}

export const goStringType = (struct: StructSchema, { name }: FieldSchema): string =>
  STRING_TYPES.get(`${shortName(struct)}.${name}`) ?? 'string'
