import type { Caller } from '#directory/caller.ts';
import type { Operation } from '#http/operation.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { RecordedEvent } from '#record/record.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { betaSignInJson, directoryAuditJson, signInJson } from './audit-log-wire.ts';
import { type EventLog, eventReply } from './event-list.ts';
import { resourceNotFound } from './faults.ts';
import { entityReply, listOptions } from './listing.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

/** What is known of a log before a store is there to read names from. */
interface DeclaredLog extends Omit<EventLog, 'shape'> {
  readonly json: (
    tx: ReadTransaction,
    tenantId: string,
    event: RecordedEvent,
  ) => Promise<JsonObject>;
  readonly action: string;
  readonly page: string;
}

/**
 * Every sign-in, also those without a person: Graph v1.0 leaves these out and beta asks for them by name, but a person who looks for the
 * reason of a refusal here should find it.
 */
const signIns: DeclaredLog = {
  type: 'auditLogs/signIns',
  resource: 'SignIn',
  kind: 'signIn',
  surface: 'authority',
  timeProperty: 'createdDateTime',
  filterable: [
    'id',
    'appDisplayName',
    'appId',
    'clientAppUsed',
    'correlationId',
    'createdDateTime',
    'ipAddress',
    'isInteractive',
    'resourceDisplayName',
    'resourceId',
    'servicePrincipalId',
    'status/errorCode',
    'userDisplayName',
    'userId',
    'userPrincipalName',
  ],
  sortable: { createdDateTime: 'always' },
  json: signInJson,
  action: 'microsoft.directory/signInReports/allProperties/read',
  page: 'signin',
};

const betaSignIns: DeclaredLog = {
  ...signIns,
  filterable: [...(signIns.filterable ?? []), 'signInEventTypes'],
  json: betaSignInJson,
};

const signInsIn = (version: string): DeclaredLog => (version === 'beta' ? betaSignIns : signIns);

const directoryAudits: DeclaredLog = {
  type: 'auditLogs/directoryAudits',
  resource: 'DirectoryAudit',
  kind: 'activity',
  surface: 'graph',
  timeProperty: 'activityDateTime',
  filterable: [
    'id',
    'activityDateTime',
    'activityDisplayName',
    'category',
    'correlationId',
    'initiatedBy/app/appId',
    'initiatedBy/app/displayName',
    'initiatedBy/user/displayName',
    'initiatedBy/user/id',
    'initiatedBy/user/userPrincipalName',
    'loggedByService',
    'operationType',
    'result',
  ],
  sortable: { activityDateTime: 'always' },
  json: directoryAuditJson,
  action: 'microsoft.directory/auditLogs/allProperties/read',
  page: 'directoryaudit',
};

function listFor(logIn: (version: string) => DeclaredLog): Operation<Caller, GraphRoom> {
  const log = logIn('v1.0');
  return operation({
    id: `${log.type.replace('/', '_')}_List`,
    method: 'GET',
    path: `/{graphVersion}/${log.type}`,
    permission: may(log.action),
    query: listOptions,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/${log.page}-list`,
    handler: (call, { store, events }) =>
      eventReply(call, events, shapedBy(store, logIn(call.params.graphVersion))),
  });
}

function getFor(logIn: (version: string) => DeclaredLog): Operation<Caller, GraphRoom> {
  const log = logIn('v1.0');
  return operation({
    id: `${log.type.replace('/', '_')}_Get`,
    method: 'GET',
    path: `/{graphVersion}/${log.type}/{eventKey}`,
    permission: may(log.action),
    query: ['$select'],
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/${log.page}-get`,
    handler: async (call, { store, events }) => {
      const { tenantId } = call.caller;
      const { eventKey } = call.params;
      const found = (await events.ofRequest(eventKey)).find(
        (one) => one.tenantId === tenantId && one.kind === log.kind && one.surface === log.surface,
      );
      if (found === undefined) return resourceNotFound(eventKey);
      const asked = logIn(call.params.graphVersion);
      const json = await store.read((tx) => asked.json(tx, tenantId, found));
      return entityReply(call, shapedBy(store, asked), json);
    },
  });
}

function shapedBy(store: Store, log: DeclaredLog): EventLog {
  return {
    ...log,
    shape: (tenantId, found) =>
      store.read(async (tx) => {
        const shown: JsonObject[] = [];
        for (const event of found) shown.push(await log.json(tx, tenantId, event));
        return shown;
      }),
  };
}

/** The logs of a tenant: who signed in or was refused, and what was changed. */
export const auditLogOperations: readonly Operation<Caller, GraphRoom>[] = [
  listFor(signInsIn),
  getFor(signInsIn),
  listFor(() => directoryAudits),
  getFor(() => directoryAudits),
];
