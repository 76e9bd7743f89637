import type { RestClient } from '#client/client.ts';
import { machineRandom } from '#kernel/random.ts';
import jobSubmitterRole from './job-submitter-role.json' with { type: 'json' };

/** An application with its service principal, as Microsoft Graph made them. */
export interface RegisteredApplication {
  readonly appId: string;
  /** Object id of the application. */
  readonly objectId: string;
  /** Object id of the service principal, which is what roles are assigned to. */
  readonly principalId: string;
}

const authorizationVersion = 'api-version=2022-04-01';

/** Registers an application and makes its service principal, as the portal's App registrations page does. */
export async function registerApplication(
  graph: RestClient,
  displayName: string,
): Promise<RegisteredApplication> {
  const application = await graph.call('POST', '/v1.0/applications', { displayName });
  const { id: objectId, appId } = application.json as { id: string; appId: string };
  const principal = await graph.call('POST', '/v1.0/servicePrincipals', { appId });
  return { appId, objectId, principalId: (principal.json as { id: string }).id };
}

/** Creates a client secret and returns its text, which is shown this once. `endDateTime` is ISO 8601. */
export async function addSecret(
  graph: RestClient,
  application: RegisteredApplication,
  endDateTime?: string,
): Promise<string> {
  const passwordCredential = { displayName: 'tour', ...(endDateTime && { endDateTime }) };
  const path = `/v1.0/applications/${application.objectId}/addPassword`;
  const reply = await graph.call('POST', path, { passwordCredential });
  return (reply.json as { secretText: string }).secretText;
}

/** Finds a role definition by name and assigns it at a scope. */
export async function assignRole(
  arm: RestClient,
  scope: string,
  roleName: string,
  principalId: string,
): Promise<void> {
  const filter = encodeURIComponent(`roleName eq '${roleName}'`);
  const base = `${scope}/providers/Microsoft.Authorization`;
  const found = await arm.call(
    'GET',
    `${base}/roleDefinitions?${authorizationVersion}&$filter=${filter}`,
  );
  const [definition] = (found.json as { value: { id: string }[] }).value;
  const name = machineRandom().guid();
  await arm.call('PUT', `${base}/roleAssignments/${name}?${authorizationVersion}`, {
    properties: {
      roleDefinitionId: definition?.id,
      principalId,
      principalType: 'ServicePrincipal',
    },
  });
}

/**
 * Creates the custom role of the Batch documentation, which may submit jobs and may not manage pools, from the JSON as it is
 * printed there. Returns the role's name.
 * Source: https://learn.microsoft.com/azure/batch/batch-aad-auth#assign-a-custom-role
 */
export async function createJobSubmitterRole(arm: RestClient): Promise<string> {
  const { roleName, assignableScopes } = jobSubmitterRole.properties;
  const [scope] = assignableScopes;
  const name = machineRandom().guid();
  const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
  await arm.call('PUT', `${path}?${authorizationVersion}`, jobSubmitterRole);
  return roleName;
}
