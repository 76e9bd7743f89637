import type { Caller } from '#directory/caller.ts';
import type { Call, Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import type { JsonObject } from '#kernel/json.ts';

/** The content type of every answer with a body that is no error. Recorded: azure-cli role tests. */
export const graphContentType =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** 200 with one object, or a part of it. */
export function entity(context: string, value: JsonObject): Reply {
  return { status: 200, json: { '@odata.context': context, ...value } };
}

/** 201 with the new object and its place. Recorded: the Location names the old directory service. */
export function created(
  request: HttpRequest,
  context: string,
  place: string,
  value: JsonObject,
): Reply {
  const headers = { Location: `${linkBase(request.reach)}/v2/${place}` };
  return { status: 201, headers, json: { '@odata.context': context, ...value } };
}

/** The types of directory objects by the lists that they are made in. */
const createdTypes = {
  applications: 'Application',
  directoryRoles: 'DirectoryRole',
  groups: 'Group',
  servicePrincipals: 'ServicePrincipal',
  users: 'User',
} as const;

/** 201 with a new object of the directory, whose place names its type. */
export function createdObject(
  { request, version, caller }: Pick<Call<Caller>, 'request' | 'version' | 'caller'>,
  collection: keyof typeof createdTypes,
  json: JsonObject,
): Reply {
  const type = `Microsoft.DirectoryServices.${createdTypes[collection]}`;
  const place = `${caller.tenantId}/directoryObjects/${String(json['id'])}/${type}`;
  return created(request, contextOf(request, version, `${collection}/$entity`), place, json);
}

/** 200 of an action: Graph adds a Location that names only the service. */
export function actionResult(request: HttpRequest, context: string, value: JsonObject): Reply {
  const headers = { Location: linkBase(request.reach) };
  return { status: 200, headers, json: { '@odata.context': context, ...value } };
}

/** 204: done, nothing to say. */
export const noContent: Reply = { status: 204 };

/** The address of a type in the metadata document, as `@odata.context` names it: `applications/$entity`. */
export function contextOf(request: HttpRequest, version: string, type: string): string {
  return `${linkBase(request.reach)}/${version}/$metadata#${type}`;
}
