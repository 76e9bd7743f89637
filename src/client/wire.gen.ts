// Made by scripts/wire.mjs from wire.json; do not edit.

/** The api-version whose shapes these are. */
export const wireApiVersion = '2025-06-01';

/** A known word, or one that a newer service may send. */
export type Open<Known extends string> = Known | (string & Record<never, never>);

export type AllTasksCompleteMode = Open<'noaction' | 'terminatejob'>;

export type AllocationState = Open<'resizing' | 'steady' | 'stopping'>;

export type AutoUserScope = Open<'pool' | 'task'>;

export type CachingType = Open<'none' | 'readonly' | 'readwrite'>;

export type ComputeNodeDeallocationOption = Open<
  | 'requeue'
  | 'retaineddata'
  | 'taskcompletion'
  | 'terminate'
>;

export type ComputeNodeFillType = Open<'pack' | 'spread'>;

export type ComputeNodeState = Open<
  | 'creating'
  | 'deallocated'
  | 'deallocating'
  | 'idle'
  | 'leavingpool'
  | 'offline'
  | 'preempted'
  | 'rebooting'
  | 'reimaging'
  | 'running'
  | 'starting'
  | 'starttaskfailed'
  | 'unknown'
  | 'unusable'
  | 'upgradingos'
  | 'waitingforstarttask'
>;

export type ContainerHostDataPath = Open<
  | 'Applications'
  | 'JobPrep'
  | 'Shared'
  | 'Startup'
  | 'Task'
  | 'VfsMounts'
>;

export type ContainerType = Open<'criCompatible' | 'dockerCompatible'>;

export type ContainerWorkingDirectory = Open<'containerImageDefault' | 'taskWorkingDirectory'>;

export type DependencyAction = Open<'block' | 'satisfy'>;

export type DiffDiskPlacement = Open<'cachedisk'>;

export type DisableBatchJobOption = Open<'requeue' | 'terminate' | 'wait'>;

export type DynamicVNetAssignmentScope = Open<'job' | 'none'>;

export type ElevationLevel = Open<'admin' | 'nonadmin'>;

export type ErrorSourceCategory = Open<'servererror' | 'usererror'>;

export type HostEndpointSettingsModeTypes = Open<'Audit' | 'Enforce'>;

export type InboundEndpointProtocol = Open<'tcp' | 'udp'>;

export type IpAddressProvisioningType = Open<
  | 'batchmanaged'
  | 'nopublicipaddresses'
  | 'usermanaged'
>;

export type JobActionKind = Open<'disable' | 'none' | 'terminate'>;

export type JobDefaultOrder = Open<'creationtime' | 'none'>;

export type JobState = Open<
  | 'active'
  | 'completed'
  | 'deleting'
  | 'disabled'
  | 'disabling'
  | 'enabling'
  | 'terminating'
>;

export type LoginMode = Open<'batch' | 'interactive'>;

export type NetworkSecurityGroupRuleAccess = Open<'allow' | 'deny'>;

export type NodePlacementPolicyType = Open<'regional' | 'zonal'>;

export type OutputFileUploadCondition = Open<'taskcompletion' | 'taskfailure' | 'tasksuccess'>;

export type PoolIdentityType = Open<'None' | 'UserAssigned'>;

export type PoolLifetimeOption = Open<'job' | 'jobschedule'>;

export type PoolState = Open<'active' | 'deleting'>;

export type SchedulingState = Open<'disabled' | 'enabled'>;

export type SecurityEncryptionTypes = Open<
  | 'DiskWithVMGuestState'
  | 'NonPersistedTPM'
  | 'VMGuestStateOnly'
>;

export type SecurityTypes = Open<'confidentialVM' | 'trustedLaunch'>;

export type StartTaskState = Open<'completed' | 'running'>;

export type StorageAccountType = Open<'premium_lrs' | 'standard_lrs' | 'standardssd_lrs'>;

export type TaskAddStatus = Open<'clienterror' | 'servererror' | 'success'>;

export type TaskExecutionResult = Open<'failure' | 'success'>;

export type TaskFailureMode = Open<'noaction' | 'performexitoptionsjobaction'>;

export type TaskState = Open<'active' | 'completed' | 'preparing' | 'running'>;

export type UpgradeMode = Open<'automatic' | 'manual' | 'rolling'>;

export interface AffinityInfo {
  readonly affinityId: string;
}

export interface ApplicationPackageReference {
  readonly applicationId: string;
  readonly version?: string;
}

export interface AuthenticationTokenSettings {
  readonly access?: readonly string[];
}

export interface AutoPoolSpecification {
  readonly autoPoolIdPrefix?: string;
  readonly poolLifetimeOption: PoolLifetimeOption;
  readonly keepAlive?: boolean;
  readonly pool?: PoolSpecification;
}

export interface AutoScaleRun {
  readonly timestamp: string;
  readonly results?: string;
  readonly error?: AutoScaleRunError;
}

export interface AutoScaleRunError {
  readonly code?: string;
  readonly message?: string;
  readonly values?: readonly NameValuePair[];
}

export interface AutoUserSpecification {
  readonly scope?: AutoUserScope;
  readonly elevationLevel?: ElevationLevel;
}

export interface AutomaticOsUpgradePolicy {
  readonly disableAutomaticRollback?: boolean;
  readonly enableAutomaticOSUpgrade?: boolean;
  readonly useRollingUpgradePolicy?: boolean;
  readonly osRollingUpgradeDeferral?: boolean;
}

export interface AzureBlobFileSystemConfiguration {
  readonly accountName: string;
  readonly containerName: string;
  readonly accountKey?: string;
  readonly sasKey?: string;
  readonly blobfuseOptions?: string;
  readonly relativeMountPath: string;
  readonly identityReference?: ComputeNodeIdentityReference;
}

export interface AzureFileShareConfiguration {
  readonly accountName: string;
  readonly accountKey: string;
  readonly azureFileUrl: string;
  readonly relativeMountPath: string;
  readonly mountOptions?: string;
}

export interface CifsMountConfiguration {
  readonly username: string;
  readonly source: string;
  readonly relativeMountPath: string;
  readonly mountOptions?: string;
  readonly password: string;
}

export interface ComputeNode {
  readonly id: string;
  readonly url: string;
  readonly state: ComputeNodeState;
  readonly schedulingState?: SchedulingState;
  readonly stateTransitionTime: string;
  readonly lastBootTime: string;
  readonly allocationTime: string;
  readonly ipAddress: string;
  readonly ipv6Address: string;
  readonly affinityId: string;
  readonly vmSize: string;
  readonly totalTasksRun: number;
  readonly runningTasksCount?: number;
  readonly runningTaskSlotsCount?: number;
  readonly totalTasksSucceeded?: number;
  readonly recentTasks?: readonly TaskInfo[];
  readonly startTask?: StartTask;
  readonly startTaskInfo?: StartTaskInfo;
  readonly errors?: readonly NodeError[];
  readonly isDedicated?: boolean;
  readonly endpointConfiguration?: ComputeNodeEndpointConfiguration;
  readonly nodeAgentInfo: ComputeNodeAgentInfo;
  readonly virtualMachineInfo: VirtualMachineInfo;
}

export interface ComputeNodeAgentInfo {
  readonly version: string;
  readonly lastUpdateTime: string;
}

export interface ComputeNodeEndpointConfiguration {
  readonly inboundEndpoints: readonly InboundEndpoint[];
}

export interface ComputeNodeIdentityReference {
  readonly resourceId?: string;
}

export interface ContainerConfiguration {
  readonly type: ContainerType;
  readonly containerImageNames?: readonly string[];
  readonly containerRegistries?: readonly ContainerRegistryReference[];
}

export interface ContainerHostBatchBindMountEntry {
  readonly source?: ContainerHostDataPath;
  readonly isReadOnly?: boolean;
}

export interface ContainerRegistryReference {
  readonly username?: string;
  readonly password?: string;
  readonly registryServer?: string;
  readonly identityReference?: ComputeNodeIdentityReference;
}

export interface DataDisk {
  readonly lun: number;
  readonly caching?: CachingType;
  readonly diskSizeGB: number;
  readonly managedDisk?: ManagedDisk;
  readonly storageAccountType?: StorageAccountType;
}

export interface DiffDiskSettings {
  readonly placement?: DiffDiskPlacement;
}

export interface DiskCustomerManagedKey {
  readonly identityReference?: PoolIdentityReference;
  readonly keyUrl?: string;
  readonly rotationToLatestKeyVersionEnabled?: boolean;
}

export interface DiskEncryptionConfiguration {
  readonly customerManagedKey?: DiskCustomerManagedKey;
  readonly targets?: readonly string[];
}

export interface DiskEncryptionSetParameters {
  readonly id?: string;
}

export interface EnvironmentSetting {
  readonly name: string;
  readonly value?: string;
}

export interface ErrorBody {
  readonly code?: string;
  readonly message?: ErrorMessage;
  readonly values?: readonly ErrorValue[];
}

export interface ErrorMessage {
  readonly lang?: string;
  readonly value?: string;
}

export interface ErrorValue {
  readonly key?: string;
  readonly value?: string;
}

export interface ExitCodeMapping {
  readonly code: number;
  readonly exitOptions: ExitOptions;
}

export interface ExitCodeRangeMapping {
  readonly start: number;
  readonly end: number;
  readonly exitOptions: ExitOptions;
}

export interface ExitConditions {
  readonly exitCodes?: readonly ExitCodeMapping[];
  readonly exitCodeRanges?: readonly ExitCodeRangeMapping[];
  readonly preProcessingError?: ExitOptions;
  readonly fileUploadError?: ExitOptions;
  readonly default?: ExitOptions;
}

export interface ExitOptions {
  readonly jobAction?: JobActionKind;
  readonly dependencyAction?: DependencyAction;
}

export interface FileProperties {
  readonly creationTime?: string;
  readonly lastModified: string;
  readonly contentLength: string;
  readonly contentType?: string;
  readonly fileMode?: string;
}

export interface HostEndpointSettings {
  readonly inVMAccessControlProfileReferenceId?: string;
  readonly mode?: HostEndpointSettingsModeTypes;
}

export interface IPTag {
  readonly ipTagType?: string;
  readonly tag?: string;
}

export interface InboundEndpoint {
  readonly name: string;
  readonly protocol: InboundEndpointProtocol;
  readonly publicIPAddress: string;
  readonly publicFQDN: string;
  readonly frontendPort: number;
  readonly backendPort: number;
}

export interface InboundNatPool {
  readonly name: string;
  readonly protocol: InboundEndpointProtocol;
  readonly backendPort: number;
  readonly frontendPortRangeStart: number;
  readonly frontendPortRangeEnd: number;
  readonly networkSecurityGroupRules?: readonly NetworkSecurityGroupRule[];
}

export interface Job {
  readonly id: string;
  readonly displayName?: string;
  readonly usesTaskDependencies?: boolean;
  readonly url: string;
  readonly eTag: string;
  readonly lastModified: string;
  readonly creationTime: string;
  readonly state: JobState;
  readonly stateTransitionTime: string;
  readonly previousState?: JobState;
  readonly previousStateTransitionTime?: string;
  readonly priority?: number;
  readonly allowTaskPreemption?: boolean;
  readonly maxParallelTasks?: number;
  readonly constraints?: JobConstraints;
  readonly jobManagerTask?: JobManagerTask;
  readonly jobPreparationTask?: JobPreparationTask;
  readonly jobReleaseTask?: JobReleaseTask;
  readonly commonEnvironmentSettings?: readonly EnvironmentSetting[];
  readonly poolInfo: PoolInfo;
  readonly onAllTasksComplete?: AllTasksCompleteMode;
  readonly onTaskFailure?: TaskFailureMode;
  readonly networkConfiguration?: JobNetworkConfiguration;
  readonly metadata?: readonly MetadataItem[];
  readonly executionInfo?: JobExecutionInfo;
}

export interface JobConstraints {
  readonly maxWallClockTime?: string;
  readonly maxTaskRetryCount?: number;
}

export interface JobDisabling {
  readonly disableTasks: DisableBatchJobOption;
}

export interface JobExecutionInfo {
  readonly startTime: string;
  readonly endTime?: string;
  readonly poolId?: string;
  readonly schedulingError?: JobSchedulingError;
  readonly terminateReason?: string;
}

export interface JobManagerTask {
  readonly id: string;
  readonly displayName?: string;
  readonly commandLine: string;
  readonly containerSettings?: TaskContainerSettings;
  readonly resourceFiles?: readonly ResourceFile[];
  readonly outputFiles?: readonly OutputFile[];
  readonly environmentSettings?: readonly EnvironmentSetting[];
  readonly constraints?: TaskConstraints;
  readonly requiredSlots?: number;
  readonly killJobOnCompletion?: boolean;
  readonly userIdentity?: UserIdentity;
  readonly runExclusive?: boolean;
  readonly applicationPackageReferences?: readonly ApplicationPackageReference[];
  readonly authenticationTokenSettings?: AuthenticationTokenSettings;
  readonly allowLowPriorityNode?: boolean;
}

export interface JobNetworkConfiguration {
  readonly subnetId: string;
  readonly skipWithdrawFromVNet?: boolean;
}

export interface JobPatch {
  readonly priority?: number;
  readonly allowTaskPreemption?: boolean;
  readonly maxParallelTasks?: number;
  readonly constraints?: JobConstraints;
  readonly poolInfo?: PoolInfo;
  readonly onAllTasksComplete?: AllTasksCompleteMode;
  readonly metadata?: readonly MetadataItem[];
  readonly networkConfiguration?: JobNetworkConfiguration;
}

export interface JobPreparationTask {
  readonly id?: string;
  readonly commandLine: string;
  readonly containerSettings?: TaskContainerSettings;
  readonly resourceFiles?: readonly ResourceFile[];
  readonly environmentSettings?: readonly EnvironmentSetting[];
  readonly constraints?: TaskConstraints;
  readonly waitForSuccess?: boolean;
  readonly userIdentity?: UserIdentity;
  readonly rerunOnNodeRebootAfterSuccess?: boolean;
}

export interface JobReleaseTask {
  readonly id?: string;
  readonly commandLine: string;
  readonly containerSettings?: TaskContainerSettings;
  readonly resourceFiles?: readonly ResourceFile[];
  readonly environmentSettings?: readonly EnvironmentSetting[];
  readonly maxWallClockTime?: string;
  readonly retentionTime?: string;
  readonly userIdentity?: UserIdentity;
}

export interface JobSchedulingError {
  readonly category: ErrorSourceCategory;
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly NameValuePair[];
}

export interface JobTermination {
  readonly terminateReason?: string;
}

export interface JobToAdd {
  readonly id: string;
  readonly displayName?: string;
  readonly usesTaskDependencies?: boolean;
  readonly priority?: number;
  readonly allowTaskPreemption?: boolean;
  readonly maxParallelTasks?: number;
  readonly constraints?: JobConstraints;
  readonly jobManagerTask?: JobManagerTask;
  readonly jobPreparationTask?: JobPreparationTask;
  readonly jobReleaseTask?: JobReleaseTask;
  readonly commonEnvironmentSettings?: readonly EnvironmentSetting[];
  readonly poolInfo: PoolInfo;
  readonly onAllTasksComplete?: AllTasksCompleteMode;
  readonly onTaskFailure?: TaskFailureMode;
  readonly networkConfiguration?: JobNetworkConfiguration;
  readonly metadata?: readonly MetadataItem[];
}

export interface LinuxUserConfiguration {
  readonly uid?: number;
  readonly gid?: number;
  readonly sshPrivateKey?: string;
}

export interface ManagedDisk {
  readonly diskEncryptionSet?: DiskEncryptionSetParameters;
  readonly storageAccountType?: StorageAccountType;
  readonly securityProfile?: VmDiskSecurityProfile;
}

export interface MetadataItem {
  readonly name: string;
  readonly value: string;
}

export interface MountConfiguration {
  readonly azureBlobFileSystemConfiguration?: AzureBlobFileSystemConfiguration;
  readonly nfsMountConfiguration?: NfsMountConfiguration;
  readonly cifsMountConfiguration?: CifsMountConfiguration;
  readonly azureFileShareConfiguration?: AzureFileShareConfiguration;
}

export interface MultiInstanceSettings {
  readonly numberOfInstances?: number;
  readonly coordinationCommandLine: string;
  readonly commonResourceFiles?: readonly ResourceFile[];
}

export interface NameValuePair {
  readonly name?: string;
  readonly value?: string;
}

export interface NetworkConfiguration {
  readonly subnetId?: string;
  readonly dynamicVNetAssignmentScope?: DynamicVNetAssignmentScope;
  readonly endpointConfiguration?: PoolEndpointConfiguration;
  readonly publicIPAddressConfiguration?: PublicIpAddressConfiguration;
  readonly enableAcceleratedNetworking?: boolean;
}

export interface NetworkSecurityGroupRule {
  readonly priority: number;
  readonly access: NetworkSecurityGroupRuleAccess;
  readonly sourceAddressPrefix: string;
  readonly sourcePortRanges?: readonly string[];
}

export interface NfsMountConfiguration {
  readonly source: string;
  readonly relativeMountPath: string;
  readonly mountOptions?: string;
}

export interface NodeError {
  readonly code?: string;
  readonly message?: string;
  readonly errorDetails?: readonly NameValuePair[];
}

export interface NodeFile {
  readonly name?: string;
  readonly url?: string;
  readonly isDirectory?: boolean;
  readonly properties?: FileProperties;
}

export interface NodeInfo {
  readonly affinityId?: string;
  readonly nodeUrl?: string;
  readonly poolId?: string;
  readonly nodeId?: string;
  readonly taskRootDirectory?: string;
  readonly taskRootDirectoryUrl?: string;
}

export interface NodePlacementConfiguration {
  readonly policy?: NodePlacementPolicyType;
}

export interface NodeRemoval {
  readonly nodeList: readonly string[];
  readonly resizeTimeout?: string;
  readonly nodeDeallocationOption?: ComputeNodeDeallocationOption;
}

export interface OsDisk {
  readonly ephemeralOSDiskSettings?: DiffDiskSettings;
  readonly caching?: CachingType;
  readonly diskSizeGB?: number;
  readonly managedDisk?: ManagedDisk;
  readonly writeAcceleratorEnabled?: boolean;
}

export interface OutputFile {
  readonly filePattern: string;
  readonly destination: OutputFileDestination;
  readonly uploadOptions: OutputFileUploadConfig;
}

export interface OutputFileBlobContainerDestination {
  readonly path?: string;
  readonly containerUrl: string;
  readonly identityReference?: ComputeNodeIdentityReference;
  readonly uploadHeaders?: readonly OutputFileUploadHeader[];
}

export interface OutputFileDestination {
  readonly container?: OutputFileBlobContainerDestination;
}

export interface OutputFileUploadConfig {
  readonly uploadCondition: OutputFileUploadCondition;
}

export interface OutputFileUploadHeader {
  readonly name: string;
  readonly value?: string;
}

export interface Pool {
  readonly id: string;
  readonly displayName?: string;
  readonly url: string;
  readonly eTag: string;
  readonly lastModified: string;
  readonly creationTime: string;
  readonly state: PoolState;
  readonly stateTransitionTime: string;
  readonly allocationState?: AllocationState;
  readonly allocationStateTransitionTime?: string;
  readonly vmSize: string;
  readonly virtualMachineConfiguration?: VirtualMachineConfiguration;
  readonly resizeTimeout?: string;
  readonly resizeErrors?: readonly ResizeError[];
  readonly currentDedicatedNodes: number;
  readonly currentLowPriorityNodes: number;
  readonly targetDedicatedNodes?: number;
  readonly targetLowPriorityNodes?: number;
  readonly enableAutoScale?: boolean;
  readonly autoScaleFormula?: string;
  readonly autoScaleEvaluationInterval?: string;
  readonly autoScaleRun?: AutoScaleRun;
  readonly enableInterNodeCommunication?: boolean;
  readonly networkConfiguration?: NetworkConfiguration;
  readonly startTask?: StartTask;
  readonly applicationPackageReferences?: readonly ApplicationPackageReference[];
  readonly taskSlotsPerNode?: number;
  readonly taskSchedulingPolicy?: TaskSchedulingPolicy;
  readonly userAccounts?: readonly UserAccount[];
  readonly metadata?: readonly MetadataItem[];
  readonly mountConfiguration?: readonly MountConfiguration[];
  readonly identity?: PoolIdentity;
  readonly upgradePolicy?: UpgradePolicy;
}

export interface PoolEndpointConfiguration {
  readonly inboundNATPools: readonly InboundNatPool[];
}

export interface PoolIdentity {
  readonly type: PoolIdentityType;
  readonly userAssignedIdentities?: readonly UserAssignedIdentity[];
}

export interface PoolIdentityReference {
  readonly resourceId?: string;
}

export interface PoolInfo {
  readonly poolId?: string;
  readonly autoPoolSpecification?: AutoPoolSpecification;
}

export interface PoolResize {
  readonly targetDedicatedNodes?: number;
  readonly targetLowPriorityNodes?: number;
  readonly resizeTimeout?: string;
  readonly nodeDeallocationOption?: ComputeNodeDeallocationOption;
}

export interface PoolSpecification {
  readonly displayName?: string;
  readonly vmSize: string;
  readonly virtualMachineConfiguration?: VirtualMachineConfiguration;
  readonly taskSlotsPerNode?: number;
  readonly taskSchedulingPolicy?: TaskSchedulingPolicy;
  readonly resizeTimeout?: string;
  readonly targetDedicatedNodes?: number;
  readonly targetLowPriorityNodes?: number;
  readonly enableAutoScale?: boolean;
  readonly autoScaleFormula?: string;
  readonly autoScaleEvaluationInterval?: string;
  readonly enableInterNodeCommunication?: boolean;
  readonly networkConfiguration?: NetworkConfiguration;
  readonly startTask?: StartTask;
  readonly applicationPackageReferences?: readonly ApplicationPackageReference[];
  readonly userAccounts?: readonly UserAccount[];
  readonly metadata?: readonly MetadataItem[];
  readonly mountConfiguration?: readonly MountConfiguration[];
  readonly upgradePolicy?: UpgradePolicy;
}

export interface PoolToAdd {
  readonly id: string;
  readonly displayName?: string;
  readonly vmSize: string;
  readonly virtualMachineConfiguration?: VirtualMachineConfiguration;
  readonly resizeTimeout?: string;
  readonly targetDedicatedNodes?: number;
  readonly targetLowPriorityNodes?: number;
  readonly enableAutoScale?: boolean;
  readonly autoScaleFormula?: string;
  readonly autoScaleEvaluationInterval?: string;
  readonly enableInterNodeCommunication?: boolean;
  readonly networkConfiguration?: NetworkConfiguration;
  readonly startTask?: StartTask;
  readonly applicationPackageReferences?: readonly ApplicationPackageReference[];
  readonly taskSlotsPerNode?: number;
  readonly taskSchedulingPolicy?: TaskSchedulingPolicy;
  readonly userAccounts?: readonly UserAccount[];
  readonly metadata?: readonly MetadataItem[];
  readonly mountConfiguration?: readonly MountConfiguration[];
  readonly upgradePolicy?: UpgradePolicy;
}

export interface ProxyAgentSettings {
  readonly enabled?: boolean;
  readonly imds?: HostEndpointSettings;
  readonly wireServer?: HostEndpointSettings;
}

export interface PublicIpAddressConfiguration {
  readonly provision?: IpAddressProvisioningType;
  readonly ipFamilies?: readonly string[];
  readonly ipAddressIds?: readonly string[];
  readonly ipTags?: readonly IPTag[];
}

export interface ResizeError {
  readonly code?: string;
  readonly message?: string;
  readonly values?: readonly NameValuePair[];
}

export interface ResourceFile {
  readonly autoStorageContainerName?: string;
  readonly storageContainerUrl?: string;
  readonly httpUrl?: string;
  readonly blobPrefix?: string;
  readonly filePath?: string;
  readonly fileMode?: string;
  readonly identityReference?: ComputeNodeIdentityReference;
}

export interface RollingUpgradePolicy {
  readonly enableCrossZoneUpgrade?: boolean;
  readonly maxBatchInstancePercent?: number;
  readonly maxUnhealthyInstancePercent?: number;
  readonly maxUnhealthyUpgradedInstancePercent?: number;
  readonly pauseTimeBetweenBatches?: string;
  readonly prioritizeUnhealthyInstances?: boolean;
  readonly rollbackFailedInstancesOnPolicyBreach?: boolean;
}

export interface SecurityProfile {
  readonly encryptionAtHost?: boolean;
  readonly proxyAgentSettings?: ProxyAgentSettings;
  readonly securityType?: SecurityTypes;
  readonly uefiSettings?: UefiSettings;
}

export interface ServiceArtifactReference {
  readonly id: string;
}

export interface StartTask {
  readonly commandLine: string;
  readonly containerSettings?: TaskContainerSettings;
  readonly resourceFiles?: readonly ResourceFile[];
  readonly environmentSettings?: readonly EnvironmentSetting[];
  readonly userIdentity?: UserIdentity;
  readonly maxTaskRetryCount?: number;
  readonly waitForSuccess?: boolean;
}

export interface StartTaskInfo {
  readonly state: StartTaskState;
  readonly startTime: string;
  readonly endTime?: string;
  readonly exitCode?: number;
  readonly containerInfo?: TaskContainerExecutionInfo;
  readonly failureInfo?: TaskFailureInfo;
  readonly retryCount: number;
  readonly lastRetryTime?: string;
  readonly result?: TaskExecutionResult;
}

export interface Task {
  readonly id: string;
  readonly displayName?: string;
  readonly url: string;
  readonly eTag: string;
  readonly lastModified: string;
  readonly creationTime: string;
  readonly exitConditions?: ExitConditions;
  readonly state: TaskState;
  readonly stateTransitionTime: string;
  readonly previousState?: TaskState;
  readonly previousStateTransitionTime?: string;
  readonly commandLine: string;
  readonly containerSettings?: TaskContainerSettings;
  readonly resourceFiles?: readonly ResourceFile[];
  readonly outputFiles?: readonly OutputFile[];
  readonly environmentSettings?: readonly EnvironmentSetting[];
  readonly affinityInfo?: AffinityInfo;
  readonly constraints?: TaskConstraints;
  readonly requiredSlots?: number;
  readonly userIdentity?: UserIdentity;
  readonly executionInfo?: TaskExecutionInfo;
  readonly nodeInfo?: NodeInfo;
  readonly multiInstanceSettings?: MultiInstanceSettings;
  readonly dependsOn?: TaskDependencies;
  readonly applicationPackageReferences?: readonly ApplicationPackageReference[];
  readonly authenticationTokenSettings?: AuthenticationTokenSettings;
}

export interface TaskAddResult {
  readonly status: TaskAddStatus;
  readonly taskId: string;
  readonly eTag?: string;
  readonly lastModified?: string;
  readonly location?: string;
  readonly error?: ErrorBody;
}

export interface TaskAddResults {
  readonly value?: readonly TaskAddResult[];
}

export interface TaskCollection {
  readonly value: readonly TaskToAdd[];
}

export interface TaskConstraints {
  readonly maxWallClockTime?: string;
  readonly retentionTime?: string;
  readonly maxTaskRetryCount?: number;
}

export interface TaskContainerExecutionInfo {
  readonly containerId?: string;
  readonly state?: string;
  readonly error?: string;
}

export interface TaskContainerSettings {
  readonly containerRunOptions?: string;
  readonly imageName: string;
  readonly registry?: ContainerRegistryReference;
  readonly workingDirectory?: ContainerWorkingDirectory;
  readonly containerHostBatchBindMounts?: readonly ContainerHostBatchBindMountEntry[];
}

export interface TaskCounts {
  readonly active: number;
  readonly running: number;
  readonly completed: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface TaskCountsResult {
  readonly taskCounts: TaskCounts;
  readonly taskSlotCounts: TaskSlotCounts;
}

export interface TaskDependencies {
  readonly taskIds?: readonly string[];
  readonly taskIdRanges?: readonly TaskIdRange[];
}

export interface TaskExecutionInfo {
  readonly startTime?: string;
  readonly endTime?: string;
  readonly exitCode?: number;
  readonly containerInfo?: TaskContainerExecutionInfo;
  readonly failureInfo?: TaskFailureInfo;
  readonly retryCount: number;
  readonly lastRetryTime?: string;
  readonly requeueCount: number;
  readonly lastRequeueTime?: string;
  readonly result?: TaskExecutionResult;
}

export interface TaskFailureInfo {
  readonly category: ErrorSourceCategory;
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly NameValuePair[];
}

export interface TaskIdRange {
  readonly start: number;
  readonly end: number;
}

export interface TaskInfo {
  readonly taskUrl?: string;
  readonly jobId?: string;
  readonly taskId?: string;
  readonly subtaskId?: number;
  readonly taskState: TaskState;
  readonly executionInfo?: TaskExecutionInfo;
}

export interface TaskSchedulingPolicy {
  readonly jobDefaultOrder?: JobDefaultOrder;
  readonly nodeFillType: ComputeNodeFillType;
}

export interface TaskSlotCounts {
  readonly active: number;
  readonly running: number;
  readonly completed: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface TaskToAdd {
  readonly id: string;
  readonly displayName?: string;
  readonly exitConditions?: ExitConditions;
  readonly commandLine: string;
  readonly containerSettings?: TaskContainerSettings;
  readonly resourceFiles?: readonly ResourceFile[];
  readonly outputFiles?: readonly OutputFile[];
  readonly environmentSettings?: readonly EnvironmentSetting[];
  readonly affinityInfo?: AffinityInfo;
  readonly constraints?: TaskConstraints;
  readonly requiredSlots?: number;
  readonly userIdentity?: UserIdentity;
  readonly multiInstanceSettings?: MultiInstanceSettings;
  readonly dependsOn?: TaskDependencies;
  readonly applicationPackageReferences?: readonly ApplicationPackageReference[];
  readonly authenticationTokenSettings?: AuthenticationTokenSettings;
}

export interface UefiSettings {
  readonly secureBootEnabled?: boolean;
  readonly vTpmEnabled?: boolean;
}

export interface UpgradePolicy {
  readonly mode: UpgradeMode;
  readonly automaticOSUpgradePolicy?: AutomaticOsUpgradePolicy;
  readonly rollingUpgradePolicy?: RollingUpgradePolicy;
}

export interface UserAccount {
  readonly name: string;
  readonly password: string;
  readonly elevationLevel?: ElevationLevel;
  readonly linuxUserConfiguration?: LinuxUserConfiguration;
  readonly windowsUserConfiguration?: WindowsUserConfiguration;
}

export interface UserAssignedIdentity {
  readonly resourceId: string;
  readonly clientId?: string;
  readonly principalId?: string;
}

export interface UserIdentity {
  readonly username?: string;
  readonly autoUser?: AutoUserSpecification;
}

export interface VMExtension {
  readonly name: string;
  readonly publisher: string;
  readonly type: string;
  readonly typeHandlerVersion?: string;
  readonly autoUpgradeMinorVersion?: boolean;
  readonly enableAutomaticUpgrade?: boolean;
  readonly settings?: Record<string, string>;
  readonly protectedSettings?: Record<string, string>;
  readonly provisionAfterExtensions?: readonly string[];
}

export interface VirtualMachineConfiguration {
  readonly imageReference: VmImageReference;
  readonly nodeAgentSKUId: string;
  readonly windowsConfiguration?: WindowsConfiguration;
  readonly dataDisks?: readonly DataDisk[];
  readonly licenseType?: string;
  readonly containerConfiguration?: ContainerConfiguration;
  readonly diskEncryptionConfiguration?: DiskEncryptionConfiguration;
  readonly nodePlacementConfiguration?: NodePlacementConfiguration;
  readonly extensions?: readonly VMExtension[];
  readonly osDisk?: OsDisk;
  readonly securityProfile?: SecurityProfile;
  readonly serviceArtifactReference?: ServiceArtifactReference;
}

export interface VirtualMachineInfo {
  readonly imageReference?: VmImageReference;
  readonly scaleSetVmResourceId?: string;
}

export interface VmDiskSecurityProfile {
  readonly securityEncryptionType?: SecurityEncryptionTypes;
}

export interface VmImageReference {
  readonly publisher?: string;
  readonly offer?: string;
  readonly sku?: string;
  readonly version?: string;
  readonly virtualMachineImageId?: string;
  readonly exactVersion?: string;
  readonly sharedGalleryImageId?: string;
  readonly communityGalleryImageId?: string;
}

export interface WindowsConfiguration {
  readonly enableAutomaticUpdates?: boolean;
}

export interface WindowsUserConfiguration {
  readonly loginMode?: LoginMode;
}
