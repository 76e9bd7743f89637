import type { Method, Operation } from '#http/operation.ts';
import { type BatchCaller, type BatchRoom, batchOperation } from './caller.ts';
import { type BatchAction, batchPermission, jobWritePermission } from './permission.ts';
import type { BatchVersion } from './version.ts';

/**
 * What Azure has and Batten does not yet: each answers 501 after authorization and stands in the
 * parity table.
 * Source: https://learn.microsoft.com/rest/api/batchservice/
 */
export const unbuiltOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  unbuilt('Application_List', 'GET', '/applications', 'applications/read', 200),
  unbuilt('Application_Get', 'GET', '/applications/{applicationId}', 'applications/read', 200),
  unbuilt('Pool_ListUsageMetrics', 'GET', '/poolusagemetrics', 'pools/read', 200),
  unbuilt('Job_GetAllLifetimeStatistics', 'GET', '/lifetimejobstats', 'jobs/read', 200, {
    until: '2022-10-01.16.0',
  }),
  unbuilt('Pool_GetAllLifetimeStatistics', 'GET', '/lifetimepoolstats', 'pools/read', 200, {
    until: '2022-10-01.16.0',
  }),
  unbuilt('CertificateOperations_List', 'GET', '/certificates', 'certificates/read', 200, {
    until: '2024-07-01.20.0',
  }),
  unbuilt('CertificateOperations_Add', 'POST', '/certificates', 'certificates/write', 201, {
    until: '2024-07-01.20.0',
  }),
  unbuilt(
    'CertificateOperations_Get',
    'GET',
    '/certificates(thumbprintAlgorithm={thumbprintAlgorithm},thumbprint={thumbprint})',
    'certificates/read',
    200,
    { until: '2024-07-01.20.0' },
  ),
  unbuilt(
    'CertificateOperations_DeleteMethod',
    'DELETE',
    '/certificates(thumbprintAlgorithm={thumbprintAlgorithm},thumbprint={thumbprint})',
    'certificates/delete',
    202,
    { until: '2024-07-01.20.0' },
  ),
  unbuilt(
    'CertificateOperations_CancelDeletion',
    'POST',
    '/certificates(thumbprintAlgorithm={thumbprintAlgorithm},thumbprint={thumbprint})/canceldelete',
    'certificates/delete',
    204,
    { until: '2024-07-01.20.0' },
  ),
  unbuilt('Pool_DisableAutoScale', 'POST', '/pools/{poolId}/disableautoscale', 'pools/write', 200),
  unbuilt('Pool_EnableAutoScale', 'POST', '/pools/{poolId}/enableautoscale', 'pools/write', 200),
  unbuilt(
    'Pool_EvaluateAutoScale',
    'POST',
    '/pools/{poolId}/evaluateautoscale',
    'pools/write',
    200,
  ),
  unbuilt(
    'ComputeNode_Deallocate',
    'POST',
    '/pools/{poolId}/nodes/{nodeId}/deallocate',
    'pools/write',
    202,
    { from: '2024-07-01.20.0' },
  ),
  unbuilt(
    'ComputeNodeOperations_DisableScheduling',
    'POST',
    '/pools/{poolId}/nodes/{nodeId}/disablescheduling',
    'pools/write',
    200,
  ),
  unbuilt(
    'ComputeNodeOperations_EnableScheduling',
    'POST',
    '/pools/{poolId}/nodes/{nodeId}/enablescheduling',
    'pools/write',
    200,
  ),
  unbuilt(
    'ComputeNodeExtension_List',
    'GET',
    '/pools/{poolId}/nodes/{nodeId}/extensions',
    'pools/read',
    200,
  ),
  unbuilt(
    'ComputeNodeExtension_Get',
    'GET',
    '/pools/{poolId}/nodes/{nodeId}/extensions/{extensionName}',
    'pools/read',
    200,
  ),
  unbuilt(
    'File_ListFromComputeNode',
    'GET',
    '/pools/{poolId}/nodes/{nodeId}/files',
    'pools/read',
    200,
  ),
  unbuilt(
    'File_GetFromComputeNode',
    'GET',
    '/pools/{poolId}/nodes/{nodeId}/files/{filePath}',
    'pools/read',
    200,
  ),
  unbuilt(
    'File_GetPropertiesFromComputeNode',
    'HEAD',
    '/pools/{poolId}/nodes/{nodeId}/files/{filePath}',
    'pools/read',
    200,
  ),
  unbuilt(
    'File_DeleteFromComputeNode',
    'DELETE',
    '/pools/{poolId}/nodes/{nodeId}/files/{filePath}',
    'pools/write',
    200,
  ),
  unbuilt(
    'ComputeNodeOperations_GetRemoteDesktop',
    'GET',
    '/pools/{poolId}/nodes/{nodeId}/rdp',
    'pools/read',
    200,
    { until: '2024-02-01.19.0' },
  ),
  unbuilt(
    'ComputeNodeOperations_Reboot',
    'POST',
    '/pools/{poolId}/nodes/{nodeId}/reboot',
    'pools/write',
    202,
  ),
  unbuilt(
    'ComputeNodeOperations_Reimage',
    'POST',
    '/pools/{poolId}/nodes/{nodeId}/reimage',
    'pools/write',
    202,
  ),
  unbuilt(
    'ComputeNodeOperations_GetRemoteLoginSettings',
    'GET',
    '/pools/{poolId}/nodes/{nodeId}/remoteloginsettings',
    'pools/read',
    200,
  ),
  unbuilt('ComputeNode_Start', 'POST', '/pools/{poolId}/nodes/{nodeId}/start', 'pools/write', 202, {
    from: '2024-07-01.20.0',
  }),
  unbuilt(
    'ComputeNodeOperations_UploadBatchServiceLogs',
    'POST',
    '/pools/{poolId}/nodes/{nodeId}/uploadbatchservicelogs',
    'pools/write',
    200,
  ),
  unbuilt(
    'ComputeNodeOperations_AddUser',
    'POST',
    '/pools/{poolId}/nodes/{nodeId}/users',
    'pools/write',
    201,
  ),
  unbuilt(
    'ComputeNodeOperations_UpdateUser',
    'PUT',
    '/pools/{poolId}/nodes/{nodeId}/users/{userName}',
    'pools/write',
    200,
  ),
  unbuilt(
    'ComputeNodeOperations_DeleteUser',
    'DELETE',
    '/pools/{poolId}/nodes/{nodeId}/users/{userName}',
    'pools/write',
    200,
  ),
  unbuilt('Pool_RemoveNodes', 'POST', '/pools/{poolId}/removenodes', 'pools/write', 202),
  unbuilt('Pool_UpdateProperties', 'POST', '/pools/{poolId}/updateproperties', 'pools/write', 204),
  unbuilt('JobSchedule_List', 'GET', '/jobschedules', 'jobSchedules/read', 200),
  unbuilt('JobSchedule_Add', 'POST', '/jobschedules', 'jobSchedules/write', 201),
  unbuilt('JobSchedule_Get', 'GET', '/jobschedules/{jobScheduleId}', 'jobSchedules/read', 200),
  unbuilt('JobSchedule_Exists', 'HEAD', '/jobschedules/{jobScheduleId}', 'jobSchedules/read', 200),
  unbuilt('JobSchedule_Update', 'PUT', '/jobschedules/{jobScheduleId}', 'jobSchedules/write', 200),
  unbuilt('JobSchedule_Patch', 'PATCH', '/jobschedules/{jobScheduleId}', 'jobSchedules/write', 200),
  unbuilt(
    'JobSchedule_DeleteMethod',
    'DELETE',
    '/jobschedules/{jobScheduleId}',
    'jobSchedules/delete',
    202,
  ),
  unbuilt(
    'JobSchedule_Disable',
    'POST',
    '/jobschedules/{jobScheduleId}/disable',
    'jobSchedules/write',
    204,
  ),
  unbuilt(
    'JobSchedule_Enable',
    'POST',
    '/jobschedules/{jobScheduleId}/enable',
    'jobSchedules/write',
    204,
  ),
  unbuilt('Job_ListFromJobSchedule', 'GET', '/jobschedules/{jobScheduleId}/jobs', 'jobs/read', 200),
  unbuilt(
    'JobSchedule_Terminate',
    'POST',
    '/jobschedules/{jobScheduleId}/terminate',
    'jobSchedules/write',
    202,
  ),
  unbuilt('Job_Disable', 'POST', '/jobs/{jobId}/disable', 'jobs/write', 202),
  unbuilt('Job_Enable', 'POST', '/jobs/{jobId}/enable', 'jobs/write', 202),
  unbuilt(
    'Job_ListPreparationAndReleaseTaskStatus',
    'GET',
    '/jobs/{jobId}/jobpreparationandreleasetaskstatus',
    'jobs/read',
    200,
  ),
  unbuilt(
    'File_DeleteFromTask',
    'DELETE',
    '/jobs/{jobId}/tasks/{taskId}/files/{filePath}',
    'jobs/write',
    200,
  ),
  unbuilt('Task_Reactivate', 'POST', '/jobs/{jobId}/tasks/{taskId}/reactivate', 'jobs/write', 204),
  unbuilt(
    'Task_ListSubtasks',
    'GET',
    '/jobs/{jobId}/tasks/{taskId}/subtasksinfo',
    'jobs/read',
    200,
  ),
];

function unbuilt(
  id: string,
  method: Method,
  path: string,
  action: BatchAction,
  status: number,
  lifetime: { readonly from?: BatchVersion; readonly until?: BatchVersion } = {},
): Operation<BatchCaller, BatchRoom> {
  const access = method === 'GET' || method === 'HEAD' ? 'read' : 'write';
  const bringsJob = action === 'jobSchedules/write';
  return batchOperation({
    id,
    method,
    path,
    ...lifetime,
    permission: bringsJob ? jobWritePermission(action) : batchPermission(action, access),
    bodyKind: bringsJob ? 'json' : 'none',
    reply: { [status]: 'empty' },
    source: 'https://learn.microsoft.com/rest/api/batchservice/',
  });
}
