import type { PodSpec } from '@miniplane/api'
import { type GoStruct, goForm, list, pointer, value } from './go-struct.js'

/** The internal form of a Pod's spec: field names and order as its messages print them. */

const objectReference: GoStruct = { Name: '' }
const keyToPath: GoStruct = { Key: '', Path: '', Mode: null }
const fieldRef: GoStruct = { APIVersion: '', FieldPath: '' }
const resourceFieldRef: GoStruct = { ContainerName: '', Resource: '', Divisor: '' }
const keySelector: GoStruct = { Name: '', Key: '', Optional: null }
const sourceRef: GoStruct = { Name: '', Optional: null }

const envVar: GoStruct = {
  Name: '',
  Value: '',
  ValueFrom: pointer({
    FieldRef: pointer(fieldRef),
    ResourceFieldRef: pointer(resourceFieldRef),
    ConfigMapKeyRef: pointer(keySelector),
    SecretKeyRef: pointer(keySelector),
    FileKeyRef: pointer({ VolumeName: '', Path: '', Key: '', Optional: null }),
  }),
}
const envFromSource: GoStruct = {
  Prefix: '',
  ConfigMapRef: pointer(sourceRef),
  SecretRef: pointer(sourceRef),
}

const httpGet: GoStruct = {
  Path: '',
  Port: 0,
  Host: '',
  Scheme: '',
  HTTPHeaders: list({ Name: '', Value: '' }),
}
const tcpSocket: GoStruct = { Port: 0, Host: '' }
const probe: GoStruct = {
  Exec: pointer({ Command: null }),
  HTTPGet: pointer(httpGet),
  TCPSocket: pointer(tcpSocket),
  GRPC: pointer({ Port: 0, Service: null }),
  InitialDelaySeconds: 0,
  TimeoutSeconds: 0,
  PeriodSeconds: 0,
  SuccessThreshold: 0,
  FailureThreshold: 0,
  TerminationGracePeriodSeconds: null,
}
const lifecycleHandler: GoStruct = {
  Exec: pointer({ Command: null }),
  HTTPGet: pointer(httpGet),
  TCPSocket: pointer(tcpSocket),
  Sleep: pointer({ Seconds: 0 }),
}

const seLinuxOptions: GoStruct = { User: '', Role: '', Type: '', Level: '' }
const windowsOptions: GoStruct = {
  GMSACredentialSpecName: null,
  GMSACredentialSpec: null,
  RunAsUserName: null,
  HostProcess: null,
}
const profile: GoStruct = { Type: '', LocalhostProfile: null }

export const securityContextStruct: GoStruct = {
  Capabilities: pointer({ Add: null, Drop: null }),
  Privileged: null,
  SELinuxOptions: pointer(seLinuxOptions),
  WindowsOptions: pointer(windowsOptions),
  RunAsUser: null,
  RunAsGroup: null,
  RunAsNonRoot: null,
  ReadOnlyRootFilesystem: null,
  AllowPrivilegeEscalation: null,
  ProcMount: null,
  SeccompProfile: pointer(profile),
  AppArmorProfile: pointer(profile),
}

const resourceRequirements: GoStruct = { Limits: null, Requests: null, Claims: null }

const container: GoStruct = {
  Name: '',
  Image: '',
  Command: null,
  Args: null,
  WorkingDir: '',
  Ports: list({ Name: '', HostPort: 0, ContainerPort: 0, Protocol: '', HostIP: '' }),
  EnvFrom: list(envFromSource),
  Env: list(envVar),
  Resources: value(resourceRequirements),
  ResizePolicy: list({ ResourceName: '', RestartPolicy: '' }),
  RestartPolicy: null,
  RestartPolicyRules: list({ Action: '', ExitCodes: pointer({ Operator: '', Values: null }) }),
  VolumeMounts: list({
    Name: '',
    ReadOnly: false,
    RecursiveReadOnly: null,
    MountPath: '',
    SubPath: '',
    MountPropagation: null,
    SubPathExpr: '',
  }),
  VolumeDevices: list({ Name: '', DevicePath: '' }),
  LivenessProbe: pointer(probe),
  ReadinessProbe: pointer(probe),
  StartupProbe: pointer(probe),
  Lifecycle: pointer({
    PostStart: pointer(lifecycleHandler),
    PreStop: pointer(lifecycleHandler),
    StopSignal: null,
  }),
  TerminationMessagePath: '',
  TerminationMessagePolicy: '',
  ImagePullPolicy: '',
  SecurityContext: pointer(securityContextStruct),
  Stdin: false,
  StdinOnce: false,
  TTY: false,
}

export const ephemeralContainerStruct: GoStruct = { ...container, TargetContainerName: '' }

const downwardFile: GoStruct = {
  Path: '',
  FieldRef: pointer(fieldRef),
  ResourceFieldRef: pointer(resourceFieldRef),
  Mode: null,
}

/** Sources that only old clusters use are printed as they came: no rule names their parts. */
const volume: GoStruct = {
  Name: '',
  HostPath: pointer({ Path: '', Type: null }),
  EmptyDir: pointer({ Medium: '', SizeLimit: null }),
  GCEPersistentDisk: null,
  AWSElasticBlockStore: null,
  GitRepo: pointer({ Repository: '', Revision: '', Directory: '' }),
  Secret: pointer({ SecretName: '', Items: list(keyToPath), DefaultMode: null, Optional: null }),
  NFS: pointer({ Server: '', Path: '', ReadOnly: false }),
  ISCSI: null,
  Glusterfs: null,
  PersistentVolumeClaim: pointer({ ClaimName: '', ReadOnly: false }),
  RBD: null,
  Quobyte: null,
  FlexVolume: null,
  Cinder: null,
  CephFS: null,
  Flocker: null,
  DownwardAPI: pointer({ Items: list(downwardFile), DefaultMode: null }),
  FC: null,
  AzureFile: null,
  ConfigMap: pointer({ Name: '', Items: list(keyToPath), DefaultMode: null, Optional: null }),
  VsphereVolume: null,
  AzureDisk: null,
  PhotonPersistentDisk: null,
  Projected: pointer({
    Sources: list({
      Secret: pointer({ Name: '', Items: list(keyToPath), Optional: null }),
      DownwardAPI: pointer({ Items: list(downwardFile) }),
      ConfigMap: pointer({ Name: '', Items: list(keyToPath), Optional: null }),
      ServiceAccountToken: pointer({ Audience: '', ExpirationSeconds: 0, Path: '' }),
      ClusterTrustBundle: null,
      PodCertificate: null,
    }),
    DefaultMode: null,
  }),
  PortworxVolume: null,
  ScaleIO: null,
  StorageOS: null,
  CSI: pointer({
    Driver: '',
    ReadOnly: null,
    FSType: null,
    VolumeAttributes: null,
    NodePublishSecretRef: pointer(objectReference),
  }),
  Ephemeral: null,
  Image: pointer({ Reference: '', PullPolicy: '' }),
}

const requirement: GoStruct = { Key: '', Operator: '', Values: null }
const nodeSelectorTerm: GoStruct = {
  MatchExpressions: list(requirement),
  MatchFields: list(requirement),
}
const podAffinityTerm: GoStruct = {
  LabelSelector: null,
  Namespaces: null,
  TopologyKey: '',
  NamespaceSelector: null,
  MatchLabelKeys: null,
  MismatchLabelKeys: null,
}
const podAffinity: GoStruct = {
  RequiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
  PreferredDuringSchedulingIgnoredDuringExecution: list({
    Weight: 0,
    PodAffinityTerm: value(podAffinityTerm),
  }),
}

const podSpecStruct: GoStruct = {
  Volumes: list(volume),
  InitContainers: list(container),
  Containers: list(container),
  EphemeralContainers: list(ephemeralContainerStruct),
  RestartPolicy: '',
  TerminationGracePeriodSeconds: null,
  ActiveDeadlineSeconds: null,
  DNSPolicy: '',
  NodeSelector: null,
  ServiceAccountName: '',
  AutomountServiceAccountToken: null,
  NodeName: '',
  SecurityContext: pointer({
    HostNetwork: false,
    HostPID: false,
    HostIPC: false,
    ShareProcessNamespace: null,
    HostUsers: null,
    SELinuxOptions: pointer(seLinuxOptions),
    WindowsOptions: pointer(windowsOptions),
    RunAsUser: null,
    RunAsGroup: null,
    RunAsNonRoot: null,
    SupplementalGroups: null,
    SupplementalGroupsPolicy: null,
    FSGroup: null,
    FSGroupChangePolicy: null,
    Sysctls: list({ Name: '', Value: '' }),
    SeccompProfile: pointer(profile),
    AppArmorProfile: pointer(profile),
    SELinuxChangePolicy: null,
  }),
  ImagePullSecrets: list(objectReference),
  Hostname: '',
  Subdomain: '',
  SetHostnameAsFQDN: null,
  Affinity: pointer({
    NodeAffinity: pointer({
      RequiredDuringSchedulingIgnoredDuringExecution: pointer({
        NodeSelectorTerms: list(nodeSelectorTerm),
      }),
      PreferredDuringSchedulingIgnoredDuringExecution: list({
        Weight: 0,
        Preference: value(nodeSelectorTerm),
      }),
    }),
    PodAffinity: pointer(podAffinity),
    PodAntiAffinity: pointer(podAffinity),
  }),
  SchedulerName: '',
  Tolerations: list({ Key: '', Operator: '', Value: '', Effect: '', TolerationSeconds: null }),
  HostAliases: list({ IP: '', Hostnames: null }),
  PriorityClassName: '',
  Priority: null,
  PreemptionPolicy: null,
  DNSConfig: pointer({
    Nameservers: null,
    Searches: null,
    Options: list({ Name: '', Value: null }),
  }),
  ReadinessGates: list({ ConditionType: '' }),
  RuntimeClassName: null,
  Overhead: null,
  EnableServiceLinks: null,
  TopologySpreadConstraints: list({
    MaxSkew: 0,
    TopologyKey: '',
    WhenUnsatisfiable: '',
    LabelSelector: null,
    MinDomains: null,
    NodeAffinityPolicy: null,
    NodeTaintsPolicy: null,
    MatchLabelKeys: null,
  }),
  OS: pointer({ Name: '' }),
  SchedulingGates: list({ Name: '' }),
  ResourceClaims: list({
    Name: '',
    ResourceClaimName: null,
    ResourceClaimTemplateName: null,
  }),
  Resources: pointer(resourceRequirements),
  HostnameOverride: null,
  SchedulingGroup: null,
}

/** The internal form of a spec: there the host's namespaces belong to the security context. */
export function podSpecForm(spec: PodSpec): unknown {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec
  const context = { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers }
  return goForm(
    { ...spec, securityContext: { ...spec.securityContext, ...context } },
    podSpecStruct,
  )
}
