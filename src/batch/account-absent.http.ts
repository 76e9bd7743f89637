import { type Method, needs } from '#http/operation.ts';
import { accountOperation, accountPath, batchAction } from './account-room.ts';

/** Operation id, method, path below the account, action. */
type Absent = readonly [id: string, method: Method, tail: string, action: string];

const absent: readonly Absent[] = [
  ['BatchAccount_ListDetectors', 'GET', 'detectors', 'detectors/read'],
  ['BatchAccount_GetDetector', 'GET', 'detectors/{detectorId}', 'detectors/read'],
  [
    'BatchAccount_ListOutboundNetworkDependenciesEndpoints',
    'GET',
    'outboundNetworkDependenciesEndpoints',
    'outboundNetworkDependenciesEndpoints/read',
  ],
  ['Application_List', 'GET', 'applications', 'applications/read'],
  ['Application_Get', 'GET', 'applications/{applicationName}', 'applications/read'],
  ['Application_Create', 'PUT', 'applications/{applicationName}', 'applications/write'],
  ['Application_Update', 'PATCH', 'applications/{applicationName}', 'applications/write'],
  ['Application_Delete', 'DELETE', 'applications/{applicationName}', 'applications/delete'],
  [
    'ApplicationPackage_List',
    'GET',
    'applications/{applicationName}/versions',
    'applications/versions/read',
  ],
  [
    'ApplicationPackage_Get',
    'GET',
    'applications/{applicationName}/versions/{versionName}',
    'applications/versions/read',
  ],
  [
    'ApplicationPackage_Create',
    'PUT',
    'applications/{applicationName}/versions/{versionName}',
    'applications/versions/write',
  ],
  [
    'ApplicationPackage_Delete',
    'DELETE',
    'applications/{applicationName}/versions/{versionName}',
    'applications/versions/delete',
  ],
  [
    'ApplicationPackage_Activate',
    'POST',
    'applications/{applicationName}/versions/{versionName}/activate',
    'applications/versions/activate/action',
  ],
  ['Pool_ListByBatchAccount', 'GET', 'pools', 'pools/read'],
  ['Pool_Get', 'GET', 'pools/{poolName}', 'pools/read'],
  ['Pool_Create', 'PUT', 'pools/{poolName}', 'pools/write'],
  ['Pool_Update', 'PATCH', 'pools/{poolName}', 'pools/write'],
  ['Pool_Delete', 'DELETE', 'pools/{poolName}', 'pools/delete'],
  [
    'Pool_DisableAutoScale',
    'POST',
    'pools/{poolName}/disableAutoScale',
    'pools/disableAutoscale/action',
  ],
  ['Pool_StopResize', 'POST', 'pools/{poolName}/stopResize', 'pools/stopResize/action'],
  ['Certificate_ListByBatchAccount', 'GET', 'certificates', 'certificates/read'],
  ['Certificate_Get', 'GET', 'certificates/{certificateName}', 'certificates/read'],
  ['Certificate_Create', 'PUT', 'certificates/{certificateName}', 'certificates/write'],
  ['Certificate_Update', 'PATCH', 'certificates/{certificateName}', 'certificates/write'],
  ['Certificate_Delete', 'DELETE', 'certificates/{certificateName}', 'certificates/delete'],
  [
    'Certificate_CancelDeletion',
    'POST',
    'certificates/{certificateName}/cancelDelete',
    'certificates/cancelDelete/action',
  ],
  [
    'PrivateEndpointConnection_ListByBatchAccount',
    'GET',
    'privateEndpointConnections',
    'privateEndpointConnections/read',
  ],
  [
    'PrivateEndpointConnection_Get',
    'GET',
    'privateEndpointConnections/{privateEndpointConnectionName}',
    'privateEndpointConnections/read',
  ],
  [
    'PrivateEndpointConnection_Update',
    'PATCH',
    'privateEndpointConnections/{privateEndpointConnectionName}',
    'privateEndpointConnections/write',
  ],
  [
    'PrivateEndpointConnection_Delete',
    'DELETE',
    'privateEndpointConnections/{privateEndpointConnectionName}',
    'privateEndpointConnections/delete',
  ],
  [
    'PrivateLinkResource_ListByBatchAccount',
    'GET',
    'privateLinkResources',
    'privateLinkResources/read',
  ],
  [
    'PrivateLinkResource_Get',
    'GET',
    'privateLinkResources/{privateLinkResourceName}',
    'privateLinkResources/read',
  ],
];

/** What Azure has below an account and Batten lacks: 501 after authorization. */
export const absentAccountOperations = absent.map(([id, method, tail, action]) =>
  accountOperation({
    id,
    method,
    path: `${accountPath}/${tail}`,
    permission: needs(batchAction(action)),
    bodyKind: 'json',
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/rest/api/batchmanagement',
  }),
);
