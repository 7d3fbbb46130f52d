import type { Schema, StructSchema } from './schema.js'

/**
 * What Go calls fields, where it is not what the schemas say: of which embedded type they are
 * (`@Type`), and which named type they have (`=type`). Messages about a value of a wrong type say
 * so. Source: k8s.io/api and apimachinery of 1.36.3; a type may have several lines.
 */
const NAMES = `
admissionregistration.k8s.io.v1.MatchResources matchPolicy=v1.MatchPolicyType
admissionregistration.k8s.io.v1.MutatingAdmissionPolicySpec failurePolicy=v1.FailurePolicyType
admissionregistration.k8s.io.v1.MutatingAdmissionPolicySpec reinvocationPolicy=v1.ReinvocationPolicyType
admissionregistration.k8s.io.v1.MutatingWebhook failurePolicy=v1.FailurePolicyType
admissionregistration.k8s.io.v1.MutatingWebhook matchPolicy=v1.MatchPolicyType
admissionregistration.k8s.io.v1.MutatingWebhook reinvocationPolicy=v1.ReinvocationPolicyType
admissionregistration.k8s.io.v1.MutatingWebhook sideEffects=v1.SideEffectClass
admissionregistration.k8s.io.v1.Mutation patchType=v1.PatchType
admissionregistration.k8s.io.v1.NamedRuleWithOperations apiGroups@RuleWithOperations.Rule
admissionregistration.k8s.io.v1.NamedRuleWithOperations apiVersions@RuleWithOperations.Rule
admissionregistration.k8s.io.v1.NamedRuleWithOperations operations@RuleWithOperations=[]v1.OperationType
admissionregistration.k8s.io.v1.NamedRuleWithOperations resources@RuleWithOperations.Rule
admissionregistration.k8s.io.v1.NamedRuleWithOperations scope@RuleWithOperations.Rule=v1.ScopeType
admissionregistration.k8s.io.v1.ParamRef parameterNotFoundAction=v1.ParameterNotFoundActionType
admissionregistration.k8s.io.v1.Rule scope=v1.ScopeType
admissionregistration.k8s.io.v1.RuleWithOperations apiGroups@Rule apiVersions@Rule
admissionregistration.k8s.io.v1.RuleWithOperations operations=[]v1.OperationType resources@Rule
admissionregistration.k8s.io.v1.RuleWithOperations scope@Rule=v1.ScopeType
admissionregistration.k8s.io.v1.ValidatingAdmissionPolicyBindingSpec
admissionregistration.k8s.io.v1.ValidatingAdmissionPolicyBindingSpec validationActions=[]v1.ValidationAction
admissionregistration.k8s.io.v1.ValidatingAdmissionPolicySpec failurePolicy=v1.FailurePolicyType
admissionregistration.k8s.io.v1.ValidatingWebhook failurePolicy=v1.FailurePolicyType
admissionregistration.k8s.io.v1.ValidatingWebhook matchPolicy=v1.MatchPolicyType
admissionregistration.k8s.io.v1.ValidatingWebhook sideEffects=v1.SideEffectClass
admissionregistration.k8s.io.v1.Validation reason=v1.StatusReason
apps.v1.DaemonSetCondition status=v1.ConditionStatus type=v1.DaemonSetConditionType
apps.v1.DaemonSetUpdateStrategy type=v1.DaemonSetUpdateStrategyType
apps.v1.DeploymentCondition status=v1.ConditionStatus type=v1.DeploymentConditionType
apps.v1.DeploymentStrategy type=v1.DeploymentStrategyType
apps.v1.ReplicaSetCondition status=v1.ConditionStatus type=v1.ReplicaSetConditionType
apps.v1.StatefulSetCondition status=v1.ConditionStatus type=v1.StatefulSetConditionType
apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy
apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=v1.PersistentVolumeClaimRetentionPolicyType
apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy whenScaled=v1.PersistentVolumeClaimRetentionPolicyType
apps.v1.StatefulSetSpec podManagementPolicy=v1.PodManagementPolicyType
apps.v1.StatefulSetUpdateStrategy type=v1.StatefulSetUpdateStrategyType
authentication.k8s.io.v1.BoundObjectReference uid=types.UID
authentication.k8s.io.v1.UserInfo extra=map[string]v1.ExtraValue
authorization.k8s.io.v1.SubjectAccessReviewSpec extra=map[string]v1.ExtraValue
autoscaling.v2.ContainerResourceMetricSource name=v1.ResourceName
autoscaling.v2.ContainerResourceMetricStatus name=v1.ResourceName
autoscaling.v2.HPAScalingPolicy type=v2.HPAScalingPolicyType
autoscaling.v2.HPAScalingRules selectPolicy=v2.ScalingPolicySelect
autoscaling.v2.HorizontalPodAutoscalerCondition status=v1.ConditionStatus
autoscaling.v2.HorizontalPodAutoscalerCondition type=v2.HorizontalPodAutoscalerConditionType
autoscaling.v2.MetricSpec type=v2.MetricSourceType
autoscaling.v2.MetricStatus type=v2.MetricSourceType
autoscaling.v2.MetricTarget type=v2.MetricTargetType
autoscaling.v2.ResourceMetricSource name=v1.ResourceName
autoscaling.v2.ResourceMetricStatus name=v1.ResourceName
batch.v1.CronJobSpec concurrencyPolicy=v1.ConcurrencyPolicy
batch.v1.JobCondition status=v1.ConditionStatus type=v1.JobConditionType
batch.v1.JobSpec completionMode=v1.CompletionMode podReplacementPolicy=v1.PodReplacementPolicy
batch.v1.PodFailurePolicyOnExitCodesRequirement operator=v1.PodFailurePolicyOnExitCodesOperator
batch.v1.PodFailurePolicyOnPodConditionsPattern status=v1.ConditionStatus type=v1.PodConditionType
batch.v1.PodFailurePolicyRule action=v1.PodFailurePolicyAction
batch.v1.UncountedTerminatedPods failed=[]types.UID succeeded=[]types.UID
certificates.k8s.io.v1.CertificateSigningRequestCondition status=v1.ConditionStatus
certificates.k8s.io.v1.CertificateSigningRequestCondition type=v1.RequestConditionType
certificates.k8s.io.v1.CertificateSigningRequestSpec extra=map[string]v1.ExtraValue
certificates.k8s.io.v1.CertificateSigningRequestSpec usages=[]v1.KeyUsage
coordination.k8s.io.v1.LeaseSpec strategy=v1.CoordinatedLeaseStrategy
core.v1.AppArmorProfile type=v1.AppArmorProfileType
core.v1.AttachedVolume name=v1.UniqueVolumeName
core.v1.AzureDiskVolumeSource cachingMode=v1.AzureDataDiskCachingMode kind=v1.AzureDataDiskKind
core.v1.Capabilities add=[]v1.Capability drop=[]v1.Capability
core.v1.ComponentCondition status=v1.ConditionStatus type=v1.ComponentConditionType
core.v1.ConfigMapEnvSource name@LocalObjectReference
core.v1.ConfigMapKeySelector name@LocalObjectReference
core.v1.ConfigMapNodeConfigSource uid=types.UID
core.v1.ConfigMapProjection name@LocalObjectReference
core.v1.ConfigMapVolumeSource name@LocalObjectReference
core.v1.Container imagePullPolicy=v1.PullPolicy restartPolicy=v1.ContainerRestartPolicy
core.v1.Container terminationMessagePolicy=v1.TerminationMessagePolicy
core.v1.ContainerPort protocol=v1.Protocol
core.v1.ContainerResizePolicy resourceName=v1.ResourceName
core.v1.ContainerResizePolicy restartPolicy=v1.ResourceResizeRestartPolicy
core.v1.ContainerRestartRule action=v1.ContainerRestartRuleAction
core.v1.ContainerRestartRuleOnExitCodes operator=v1.ContainerRestartRuleOnExitCodesOperator
core.v1.ContainerStatus allocatedResources=v1.ResourceList stopSignal=v1.Signal
core.v1.EmptyDirVolumeSource medium=v1.StorageMedium
core.v1.EndpointPort protocol=v1.Protocol
core.v1.EphemeralContainer args@EphemeralContainerCommon command@EphemeralContainerCommon
core.v1.EphemeralContainer env@EphemeralContainerCommon envFrom@EphemeralContainerCommon
core.v1.EphemeralContainer image@EphemeralContainerCommon
core.v1.EphemeralContainer imagePullPolicy@EphemeralContainerCommon=v1.PullPolicy
core.v1.EphemeralContainer lifecycle@EphemeralContainerCommon
core.v1.EphemeralContainer livenessProbe@EphemeralContainerCommon name@EphemeralContainerCommon
core.v1.EphemeralContainer ports@EphemeralContainerCommon readinessProbe@EphemeralContainerCommon
core.v1.EphemeralContainer resizePolicy@EphemeralContainerCommon
core.v1.EphemeralContainer resources@EphemeralContainerCommon
core.v1.EphemeralContainer restartPolicy@EphemeralContainerCommon=v1.ContainerRestartPolicy
core.v1.EphemeralContainer restartPolicyRules@EphemeralContainerCommon
core.v1.EphemeralContainer securityContext@EphemeralContainerCommon
core.v1.EphemeralContainer startupProbe@EphemeralContainerCommon stdin@EphemeralContainerCommon
core.v1.EphemeralContainer stdinOnce@EphemeralContainerCommon
core.v1.EphemeralContainer terminationMessagePath@EphemeralContainerCommon
core.v1.EphemeralContainer terminationMessagePolicy@EphemeralContainerCommon=v1.TerminationMessagePolicy
core.v1.EphemeralContainer tty@EphemeralContainerCommon volumeDevices@EphemeralContainerCommon
core.v1.EphemeralContainer volumeMounts@EphemeralContainerCommon
core.v1.EphemeralContainer workingDir@EphemeralContainerCommon
core.v1.EphemeralContainerCommon imagePullPolicy=v1.PullPolicy
core.v1.EphemeralContainerCommon restartPolicy=v1.ContainerRestartPolicy
core.v1.EphemeralContainerCommon terminationMessagePolicy=v1.TerminationMessagePolicy
core.v1.HTTPGetAction scheme=v1.URIScheme
core.v1.HostPathVolumeSource type=v1.HostPathType
core.v1.ImageVolumeSource pullPolicy=v1.PullPolicy
core.v1.Lifecycle stopSignal=v1.Signal
core.v1.LimitRangeItem default=v1.ResourceList defaultRequest=v1.ResourceList max=v1.ResourceList
core.v1.LimitRangeItem maxLimitRequestRatio=v1.ResourceList min=v1.ResourceList type=v1.LimitType
core.v1.LoadBalancerIngress ipMode=v1.LoadBalancerIPMode
core.v1.ModifyVolumeStatus status=v1.PersistentVolumeClaimModifyVolumeStatus
core.v1.NamespaceCondition status=v1.ConditionStatus type=v1.NamespaceConditionType
core.v1.NamespaceSpec finalizers=[]v1.FinalizerName
core.v1.NamespaceStatus phase=v1.NamespacePhase
core.v1.NodeAddress type=v1.NodeAddressType
core.v1.NodeCondition status=v1.ConditionStatus type=v1.NodeConditionType
core.v1.NodeSelectorRequirement operator=v1.NodeSelectorOperator
core.v1.NodeStatus allocatable=v1.ResourceList capacity=v1.ResourceList phase=v1.NodePhase
core.v1.NodeStatus volumesInUse=[]v1.UniqueVolumeName
core.v1.ObjectReference uid=types.UID
core.v1.PersistentVolumeClaimCondition status=v1.ConditionStatus
core.v1.PersistentVolumeClaimCondition type=v1.PersistentVolumeClaimConditionType
core.v1.PersistentVolumeClaimSpec accessModes=[]v1.PersistentVolumeAccessMode
core.v1.PersistentVolumeClaimSpec volumeMode=v1.PersistentVolumeMode
core.v1.PersistentVolumeClaimStatus accessModes=[]v1.PersistentVolumeAccessMode
core.v1.PersistentVolumeClaimStatus allocatedResourceStatuses=map[v1.ResourceName]v1.ClaimResourceStatus
core.v1.PersistentVolumeClaimStatus allocatedResources=v1.ResourceList capacity=v1.ResourceList
core.v1.PersistentVolumeClaimStatus phase=v1.PersistentVolumeClaimPhase
core.v1.PersistentVolumeSpec accessModes=[]v1.PersistentVolumeAccessMode
core.v1.PersistentVolumeSpec awsElasticBlockStore@PersistentVolumeSource
core.v1.PersistentVolumeSpec azureDisk@PersistentVolumeSource azureFile@PersistentVolumeSource
core.v1.PersistentVolumeSpec capacity=v1.ResourceList cephfs@PersistentVolumeSource
core.v1.PersistentVolumeSpec cinder@PersistentVolumeSource csi@PersistentVolumeSource
core.v1.PersistentVolumeSpec fc@PersistentVolumeSource flexVolume@PersistentVolumeSource
core.v1.PersistentVolumeSpec flocker@PersistentVolumeSource
core.v1.PersistentVolumeSpec gcePersistentDisk@PersistentVolumeSource
core.v1.PersistentVolumeSpec glusterfs@PersistentVolumeSource hostPath@PersistentVolumeSource
core.v1.PersistentVolumeSpec iscsi@PersistentVolumeSource local@PersistentVolumeSource
core.v1.PersistentVolumeSpec nfs@PersistentVolumeSource
core.v1.PersistentVolumeSpec persistentVolumeReclaimPolicy=v1.PersistentVolumeReclaimPolicy
core.v1.PersistentVolumeSpec photonPersistentDisk@PersistentVolumeSource
core.v1.PersistentVolumeSpec portworxVolume@PersistentVolumeSource quobyte@PersistentVolumeSource
core.v1.PersistentVolumeSpec rbd@PersistentVolumeSource scaleIO@PersistentVolumeSource
core.v1.PersistentVolumeSpec storageos@PersistentVolumeSource volumeMode=v1.PersistentVolumeMode
core.v1.PersistentVolumeSpec vsphereVolume@PersistentVolumeSource
core.v1.PersistentVolumeStatus phase=v1.PersistentVolumePhase
core.v1.PodCondition status=v1.ConditionStatus type=v1.PodConditionType
core.v1.PodOS name=v1.OSName
core.v1.PodReadinessGate conditionType=v1.PodConditionType
core.v1.PodSecurityContext fsGroupChangePolicy=v1.PodFSGroupChangePolicy
core.v1.PodSecurityContext seLinuxChangePolicy=v1.PodSELinuxChangePolicy
core.v1.PodSecurityContext supplementalGroupsPolicy=v1.SupplementalGroupsPolicy
core.v1.PodSpec dnsPolicy=v1.DNSPolicy overhead=v1.ResourceList
core.v1.PodSpec preemptionPolicy=v1.PreemptionPolicy restartPolicy=v1.RestartPolicy
core.v1.PodStatus allocatedResources=v1.ResourceList phase=v1.PodPhase qosClass=v1.PodQOSClass
core.v1.PodStatus resize=v1.PodResizeStatus
core.v1.PortStatus protocol=v1.Protocol
core.v1.Probe exec@ProbeHandler grpc@ProbeHandler httpGet@ProbeHandler tcpSocket@ProbeHandler
core.v1.ReplicationControllerCondition status=v1.ConditionStatus
core.v1.ReplicationControllerCondition type=v1.ReplicationControllerConditionType
core.v1.ResourceHealth health=v1.ResourceHealthStatus resourceID=v1.ResourceID
core.v1.ResourceQuotaSpec hard=v1.ResourceList scopes=[]v1.ResourceQuotaScope
core.v1.ResourceQuotaStatus hard=v1.ResourceList used=v1.ResourceList
core.v1.ResourceRequirements limits=v1.ResourceList requests=v1.ResourceList
core.v1.ResourceStatus name=v1.ResourceName
core.v1.ScopedResourceSelectorRequirement operator=v1.ScopeSelectorOperator
core.v1.ScopedResourceSelectorRequirement scopeName=v1.ResourceQuotaScope
core.v1.SeccompProfile type=v1.SeccompProfileType
core.v1.Secret type=v1.SecretType
core.v1.SecretEnvSource name@LocalObjectReference
core.v1.SecretKeySelector name@LocalObjectReference
core.v1.SecretProjection name@LocalObjectReference
core.v1.SecurityContext procMount=v1.ProcMountType
core.v1.ServicePort protocol=v1.Protocol
core.v1.ServiceSpec externalTrafficPolicy=v1.ServiceExternalTrafficPolicy
core.v1.ServiceSpec internalTrafficPolicy=v1.ServiceInternalTrafficPolicy ipFamilies=[]v1.IPFamily
core.v1.ServiceSpec ipFamilyPolicy=v1.IPFamilyPolicy sessionAffinity=v1.ServiceAffinity
core.v1.ServiceSpec type=v1.ServiceType
core.v1.Taint effect=v1.TaintEffect
core.v1.Toleration effect=v1.TaintEffect operator=v1.TolerationOperator
core.v1.TopologySpreadConstraint nodeAffinityPolicy=v1.NodeInclusionPolicy
core.v1.TopologySpreadConstraint nodeTaintsPolicy=v1.NodeInclusionPolicy
core.v1.TopologySpreadConstraint whenUnsatisfiable=v1.UnsatisfiableConstraintAction
core.v1.Volume awsElasticBlockStore@VolumeSource azureDisk@VolumeSource azureFile@VolumeSource
core.v1.Volume cephfs@VolumeSource cinder@VolumeSource configMap@VolumeSource csi@VolumeSource
core.v1.Volume downwardAPI@VolumeSource emptyDir@VolumeSource ephemeral@VolumeSource
core.v1.Volume fc@VolumeSource flexVolume@VolumeSource flocker@VolumeSource
core.v1.Volume gcePersistentDisk@VolumeSource gitRepo@VolumeSource glusterfs@VolumeSource
core.v1.Volume hostPath@VolumeSource image@VolumeSource iscsi@VolumeSource nfs@VolumeSource
core.v1.Volume persistentVolumeClaim@VolumeSource photonPersistentDisk@VolumeSource
core.v1.Volume portworxVolume@VolumeSource projected@VolumeSource quobyte@VolumeSource
core.v1.Volume rbd@VolumeSource scaleIO@VolumeSource secret@VolumeSource storageos@VolumeSource
core.v1.Volume vsphereVolume@VolumeSource
core.v1.VolumeMount mountPropagation=v1.MountPropagationMode
core.v1.VolumeMount recursiveReadOnly=v1.RecursiveReadOnlyMode
core.v1.VolumeMountStatus recursiveReadOnly=v1.RecursiveReadOnlyMode
core.v1.VolumeResourceRequirements limits=v1.ResourceList requests=v1.ResourceList
discovery.k8s.io.v1.EndpointPort protocol=v1.Protocol
discovery.k8s.io.v1.EndpointSlice addressType=v1.AddressType
flowcontrol.apiserver.k8s.io.v1.FlowDistinguisherMethod type=v1.FlowDistinguisherMethodType
flowcontrol.apiserver.k8s.io.v1.FlowSchemaCondition status=v1.ConditionStatus
flowcontrol.apiserver.k8s.io.v1.FlowSchemaCondition type=v1.FlowSchemaConditionType
flowcontrol.apiserver.k8s.io.v1.LimitResponse type=v1.LimitResponseType
flowcontrol.apiserver.k8s.io.v1.PriorityLevelConfigurationCondition status=v1.ConditionStatus
flowcontrol.apiserver.k8s.io.v1.PriorityLevelConfigurationCondition type=v1.PriorityLevelConfigurationConditionType
flowcontrol.apiserver.k8s.io.v1.PriorityLevelConfigurationSpec type=v1.PriorityLevelEnablement
flowcontrol.apiserver.k8s.io.v1.Subject kind=v1.SubjectKind
meta.v1.APIResource verbs=v1.Verbs
meta.v1.Condition status=v1.ConditionStatus
meta.v1.DeleteOptions propagationPolicy=v1.DeletionPropagation
meta.v1.FieldSelectorRequirement operator=v1.FieldSelectorOperator
meta.v1.LabelSelectorRequirement operator=v1.LabelSelectorOperator
meta.v1.ListOptions resourceVersionMatch=v1.ResourceVersionMatch
meta.v1.ManagedFieldsEntry operation=v1.ManagedFieldsOperationType
meta.v1.ObjectMeta uid=types.UID
meta.v1.OwnerReference uid=types.UID
meta.v1.Preconditions uid=types.UID
meta.v1.Status reason=v1.StatusReason
meta.v1.StatusCause reason=v1.CauseType
meta.v1.StatusDetails uid=types.UID
networking.k8s.io.v1.HTTPIngressPath pathType=v1.PathType
networking.k8s.io.v1.IngressPortStatus protocol=v1.Protocol
networking.k8s.io.v1.IngressRule http@IngressRuleValue
networking.k8s.io.v1.NetworkPolicyPort protocol=v1.Protocol
networking.k8s.io.v1.NetworkPolicySpec policyTypes=[]v1.PolicyType
node.k8s.io.v1.Overhead podFixed=v1.ResourceList
policy.v1.PodDisruptionBudgetSpec unhealthyPodEvictionPolicy=v1.UnhealthyPodEvictionPolicyType
resource.k8s.io.v1.CapacityRequirements requests=map[v1.QualifiedName]resource.Quantity
resource.k8s.io.v1.Device attributes=map[v1.QualifiedName]v1.DeviceAttribute
resource.k8s.io.v1.Device capacity=map[v1.QualifiedName]v1.DeviceCapacity
resource.k8s.io.v1.DeviceAllocationConfiguration opaque@DeviceConfiguration
resource.k8s.io.v1.DeviceAllocationConfiguration source=v1.AllocationConfigSource
resource.k8s.io.v1.DeviceClaimConfiguration opaque@DeviceConfiguration
resource.k8s.io.v1.DeviceClassConfiguration opaque@DeviceConfiguration
resource.k8s.io.v1.DeviceConstraint distinctAttribute=v1.FullyQualifiedName
resource.k8s.io.v1.DeviceConstraint matchAttribute=v1.FullyQualifiedName
resource.k8s.io.v1.DeviceRequestAllocationResult consumedCapacity=map[v1.QualifiedName]resource.Quantity
resource.k8s.io.v1.DeviceRequestAllocationResult shareID=types.UID
resource.k8s.io.v1.DeviceSubRequest allocationMode=v1.DeviceAllocationMode
resource.k8s.io.v1.DeviceTaint effect=v1.DeviceTaintEffect
resource.k8s.io.v1.DeviceToleration effect=v1.DeviceTaintEffect
resource.k8s.io.v1.DeviceToleration operator=v1.DeviceTolerationOperator
resource.k8s.io.v1.ExactDeviceRequest allocationMode=v1.DeviceAllocationMode
resource.k8s.io.v1.NodeAllocatableResourceMapping capacityKey=v1.QualifiedName
resource.k8s.io.v1.ResourceClaimConsumerReference uid=types.UID
scheduling.k8s.io.v1.PriorityClass preemptionPolicy=v1.PreemptionPolicy
storage.k8s.io.v1.CSIDriverSpec fsGroupPolicy=v1.FSGroupPolicy
storage.k8s.io.v1.CSIDriverSpec volumeLifecycleModes=[]v1.VolumeLifecycleMode
storage.k8s.io.v1.StorageClass reclaimPolicy=v1.PersistentVolumeReclaimPolicy
storage.k8s.io.v1.StorageClass volumeBindingMode=v1.VolumeBindingMode
`

interface GoField {
  /** The embedded types on the way to it. */
  readonly embedded: string | undefined
  readonly type: string | undefined
}

/** Searched when there is something to complain of, so that nothing has to be kept ready. */
function goField(struct: string, field: string): GoField {
  for (
    let at = NAMES.indexOf(`\n${struct} `);
    at >= 0;
    at = NAMES.indexOf(`\n${struct} `, at + 1)
  ) {
    const line = NAMES.slice(at + struct.length + 2, NAMES.indexOf('\n', at + 1))
    for (const entry of line.split(' ')) {
      const [, name, embedded, type] = /^([^@=]+)(?:@([^=]+))?(?:=(.+))?$/.exec(entry) ?? []
      if (name === field) return { embedded, type }
    }
  }
  return { embedded: undefined, type: undefined }
}

/** A value's place as Go's messages name it. */
export interface GoPlace {
  /** Fields alone, without positions and keys. */
  readonly path: string
  /** Undefined: the type is what the schema says. */
  readonly type: string | undefined
}

/** The place that `path` leads to, of fields, map keys and positions in lists. */
export function goPlace(root: StructSchema, path: readonly (string | number)[]): GoPlace {
  const fields: string[] = []
  let at: Schema | undefined = root
  let type: string | undefined
  for (const step of path) {
    if (at?.type === 'list') {
      type = elementOf(type, '[]')
      at = at.items
    } else if (at?.type === 'map') {
      type = elementOf(type, 'map[string]')
      at = at.values
    } else {
      const struct: Schema | undefined = at?.type === 'scalar' ? at.object : at
      if (typeof step === 'number') continue
      const found = struct?.type === 'struct' ? goField(struct.name, step) : undefined
      if (found?.embedded) fields.push(found.embedded)
      fields.push(step)
      type = found?.type
      at = struct?.type === 'struct' ? struct.fields.get(step)?.schema : undefined
    }
  }
  return { path: fields.join('.'), type }
}

const elementOf = (type: string | undefined, prefix: string) =>
  type?.startsWith(prefix) ? type.slice(prefix.length) : undefined
