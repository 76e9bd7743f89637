import type { Cloud, CloudName } from '#cloud/cloud.ts';
import { findTenant } from '#directory/tenant.store.ts';
import { operationsOf } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type Anyone, jsonContentType } from './dialect.ts';
import { notImplemented } from './faults.ts';
import { instanceName } from './metadata.ts';
import { type AuthorityRoom, cloudOf } from './room.ts';
import { namedTenancy } from './tenancy.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

/**
 * Where an account's password is checked, which clients ask before they send one. Every domain of a
 * tenant is managed: its passwords are checked here. Libraries spell the path in two ways, and case
 * does not matter.
 * Source: Azure/kubelogin recording of February 2025 (`UserRealm`, api-version 1.0)
 */
export const userRealmOperations = [
  operation({
    id: 'Authority_GetUserRealm',
    method: 'GET',
    path: '/{tenant}/userrealm/{userPrincipalName}',
    permission: 'anonymous',
    query: ['api-version'],
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/entra/identity-platform/v2-oauth-ropc',
    handler: async ({ params, request }, room) => {
      const cloud = cloudOf(room.clouds, request.reach);
      const version = queryValue(request.query, 'api-version') ?? realmVersion;
      if (version !== realmVersion)
        return notImplemented(`the user realm of api-version ${version}`);
      const domain = await findDomain(room, params.tenant, params.userPrincipalName);
      if (isFault(domain)) return domain;
      return {
        status: 200,
        headers: { 'Content-Disposition': 'inline; filename=userrealm.json' },
        contentType: jsonContentType,
        json: realmOf(domain, cloud),
      };
    },
  }),
];

/** The one that libraries ask for; a request without a version means it. */
const realmVersion = '1.0';

/** The domain of an account as its tenant spells it; undefined when no tenant has it. */
async function findDomain(
  room: AuthorityRoom,
  tenancyName: string,
  userName: string,
): Promise<string | undefined | Fault> {
  const domain = userName.slice(userName.lastIndexOf('@') + 1);
  return room.store.read(async (tx) => {
    const tenancy = await namedTenancy(tx, tenancyName);
    if (isFault(tenancy)) return tenancy;
    const tenant = await findTenant(tx, domain);
    return tenant?.domains.find((one) => sameName(one, domain));
  });
}

/**
 * The recorded members in their order. MSAL Go wants all of them for a managed account.
 * UNVERIFIED: that an unknown domain has all but its name; a recorded answer would settle it.
 */
function realmOf(domain: string | undefined, cloud: Cloud): JsonObject {
  return {
    ver: realmVersion,
    account_type: domain === undefined ? 'Unknown' : 'Managed',
    domain_name: domain,
    cloud_instance_name: instanceName(cloud),
    cloud_audience_urn: audienceUrns[cloud.name],
  };
}

/**
 * What federated tokens for a cloud name as their audience.
 * UNVERIFIED: that of US Government; the metadata of its federation would settle it.
 */
const audienceUrns: Readonly<Record<CloudName, string>> = {
  public: 'urn:federation:MicrosoftOnline',
  china: 'urn:federation:partner.microsoftonline.cn',
  usgov: 'urn:federation:MicrosoftOnline',
};
