import type { Issue, Refusals } from '#http/dialect.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { unsupportedApplicationNames } from './application-body.ts';
import {
  bodyTooLarge,
  internalError,
  invalidProperty,
  invalidValue,
  malformedUrl,
  methodNotAllowed,
  missingValue,
  notImplemented,
  readOnlyProperty,
  unavailable,
  unknownSegment,
  unreadableBody,
} from './faults.ts';
import { unsupportedGroupNames } from './group-body.ts';
import { unsupportedServicePrincipalNames } from './service-principal-body.ts';
import { unsupportedUserNames } from './user-body.ts';

/** The pipeline's refusals in Graph's words. */
export const graphRefusals: Refusals = {
  noRoute: (request) => unknownSegment(request.route.segments[1] ?? ''),
  noMethod: (_request, allowed) => methodNotAllowed(allowed),
  malformedTarget: () => malformedUrl(),
  bodyTooLarge: (_request, bytesMax) => bodyTooLarge(bytesMax),
  malformedBody: (_request, reason) => unreadableBody(reason),
  invalid: invalidBody,
  notImplemented: (_request, what) => notImplemented(what),
  internal: () => internalError(),
  unavailable: () => unavailable(),
};

/** Only the first finding is told, as Graph does. */
function invalidBody(request: HttpRequest, issues: readonly Issue[]): Fault {
  const [issue] = issues;
  if (issue === undefined || issue.path === '')
    return unreadableBody('The body is no JSON object.');
  const resource = resourceOf(request);
  const lacking = unsupported[resource]?.find(
    (name) => issue.path === name || issue.path.startsWith(`${name}.`),
  );
  if (lacking !== undefined) return notImplemented(`${resource}.${lacking}`);
  switch (issue.kind) {
    case 'unknown':
      return readOnly.includes(issue.path)
        ? readOnlyProperty(issue.path)
        : invalidProperty(issue.path);
    case 'missing':
      return missingValue(issue.path, resource);
    case 'type':
    case 'value':
      return invalidValue(issue.path.split('.')[0] ?? '', resource);
  }
}

/**
 * The refusal of text that is no text, in a property of a body.
 * UNVERIFIED: that Graph names the property as for any other invalid value; a display name with a NUL would settle it.
 */
export function invalidText(request: HttpRequest, path: string): Fault {
  const [property = ''] = path.split('.');
  return property === ''
    ? unreadableBody('The body has a name that is no text.')
    : invalidValue(property, resourceOf(request));
}

function resourceOf({ route }: HttpRequest): string {
  return resourceNames[(route.segments[1] ?? '').toLowerCase()] ?? 'Entity';
}

const resourceNames: Readonly<Record<string, string>> = {
  applications: 'Application',
  serviceprincipals: 'ServicePrincipal',
  users: 'User',
  me: 'User',
  groups: 'Group',
  directoryroles: 'DirectoryRole',
  oauth2permissiongrants: 'OAuth2PermissionGrant',
};

const unsupported: Readonly<Record<string, readonly string[]>> = {
  Application: unsupportedApplicationNames,
  ServicePrincipal: unsupportedServicePrincipalNames,
  User: unsupportedUserNames,
  Group: unsupportedGroupNames,
};

/** What only the service sets. */
const readOnly: readonly string[] = [
  'id',
  'appId',
  'createdDateTime',
  'deletedDateTime',
  'publisherDomain',
  'disabledByMicrosoftStatus',
  'certification',
  'verifiedPublisher',
  'appDisplayName',
  'appOwnerOrganizationId',
  'signInAudience',
  'appRoles',
  'oauth2PermissionScopes',
  'servicePrincipalNames',
  'assignedLicenses',
  'assignedPlans',
  'lastPasswordChangeDateTime',
  'onPremisesSyncEnabled',
  'provisionedPlans',
  'proxyAddresses',
  'renewedDateTime',
  'securityIdentifier',
  'signInSessionsValidFromDateTime',
  'uniqueName',
];
