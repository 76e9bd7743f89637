import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import { tenantSettingsOf } from '#directory/tenant-settings.store.ts';
import type { QueryParameter } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { type AskedSignIn, authorizeParameters } from './authorize-request.ts';
import { unknownClient } from './client.faults.ts';
import { readClientId } from './client-id.ts';
import { malformedRequest } from './faults.ts';
import type { TokenEndpoint } from './grant.ts';
import { answeredAddress, defaultRedirectUri } from './redirect-uri.ts';
import type { AuthorityRoom } from './room.ts';
import { findSignInClient } from './sign-in-client.ts';
import { adfsTenancy, endpointName, namedTenancy, type Tenancy } from './tenancy.ts';

/**
 * Reads what a browser was sent with: the tenant, the application, and the parameters that are read.
 * An application that has no service principal in the tenant can still be signed in to when the
 * tenant may have one.
 */
export async function readSignIn(
  room: AuthorityRoom,
  endpoint: TokenEndpoint,
  tenantName: string | undefined,
  sent: readonly QueryParameter[],
): Promise<AskedSignIn | Fault> {
  const parameters = parametersOf(sent);
  if (isFault(parameters)) return parameters;
  const clientId = readClientId(parameters.get('client_id'));
  if (isFault(clientId)) return clientId;
  return room.store.read(async (tx) => {
    const tenancy =
      tenantName === undefined ? await adfsTenancy(tx) : await namedTenancy(tx, tenantName);
    if (isFault(tenancy)) return tenancy;
    const application = await findApplicationByAppId(tx, clientId);
    const client =
      tenancy.kind === 'tenant' ? await findSignInClient(tx, clientId, tenancy.tenant) : undefined;
    if (isFault(client)) return client;
    if (application === undefined) return unknownClient(clientId, placeName(tenancy));
    const { hasClassicRedirectUris } = await tenantSettingsOf(tx, application.tenantId);
    const complete = withDefaultAddress(parameters, application);
    const namesNoRedirectUri = complete !== parameters;
    const place = { endpoint, tenantName: tenantName ?? endpointName(tenancy), tenancy };
    const address = { hasClassicRedirectUris, namesNoRedirectUri };
    return { ...place, application, ...address, parameters: withAnswered(complete, application) };
  });
}

/** A request that names no redirect address means the application's default one. */
function withDefaultAddress(
  parameters: ReadonlyMap<string, string>,
  application: Application,
): ReadonlyMap<string, string> {
  const own = defaultRedirectUri(application);
  const isNamed = (parameters.get('redirect_uri') ?? '') !== '';
  return isNamed || own === undefined
    ? parameters
    : new Map([...parameters, ['redirect_uri', own]]);
}

function withAnswered(
  parameters: ReadonlyMap<string, string>,
  application: Application,
): ReadonlyMap<string, string> {
  const asked = parameters.get('redirect_uri');
  if (asked === undefined) return parameters;
  return new Map([...parameters, ['redirect_uri', answeredAddress(application, asked)]]);
}

function placeName(tenancy: Tenancy): string {
  return tenancy.kind === 'tenant' ? tenancy.tenant.displayName : tenancy.alias;
}

/** The parameters that are read; one that comes twice is refused, what nobody reads is dropped. */
function parametersOf(sent: readonly QueryParameter[]): ReadonlyMap<string, string> | Fault {
  const parameters = new Map<string, string>();
  for (const { name, value } of sent) {
    if (!authorizeParameters.includes(name)) continue;
    if (parameters.has(name)) return malformedRequest();
    parameters.set(name, value);
  }
  return parameters;
}
