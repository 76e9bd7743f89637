import type { Cloud } from '#cloud/cloud.ts';
import { findApplicationByAppId } from '#directory/application.store.ts';
import { checkPassword, findKeys } from '#directory/credential.store.ts';
import {
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import { decodeSegment } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction } from '#store/store.ts';
import { isOwnAudience } from './assertion-audience.ts';
import {
  disabledClient,
  expiredSecret,
  missingClientCredential,
  missingServicePrincipal,
  publicClient,
  twoClients,
  unknownClient,
  wrongSecret,
} from './client.faults.ts';
import { judgeAssertion } from './client-assertion.ts';
import { readClientId } from './client-id.ts';
import { malformedRequest, missingParameter } from './faults.ts';
import {
  type FederatedAssertion,
  judgeFederated,
  readFederatedAssertion,
} from './federated-assertion.ts';
import type { TokenRequest } from './grant.ts';
import type { AuthorityRoom } from './room.ts';

/** The client that a request names, and what it shows to prove it. */
export interface PresentedClient {
  readonly clientId: string;
  readonly proof:
    | { readonly kind: 'none' }
    | { readonly kind: 'secret'; readonly secretText: string }
    | { readonly kind: 'assertion'; readonly text: string }
    | { readonly kind: 'federated'; readonly assertion: FederatedAssertion };
}

/** How a client proved who it is, and `appidacr` in its tokens; a public client proves nothing. */
export type ClientProof = 'none' | 'secret' | 'certificate';

/** A client that proved who it is. */
export interface AuthenticatedClient {
  readonly servicePrincipal: ServicePrincipal;
  readonly provedBy: ClientProof;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Reads the client from a token request: id and secret in the body or in a Basic header, or an
 * assertion in the body. The issuer of a federated assertion is asked for its keys here, so this is
 * not for the inside of a transaction.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export async function presentClient(
  { parameters, http, tenancy, cloud }: TokenRequest,
  room: AuthorityRoom,
): Promise<PresentedClient | Fault> {
  const presented = presentedClient(parameters, http.headers['authorization']);
  if (isFault(presented) || presented.proof.kind !== 'assertion') return presented;
  const { clientId, proof } = presented;
  const tenantId = tenancy.kind === 'tenant' ? tenancy.tenant.tenantId : undefined;
  const client = { clientId, tenantId };
  const assertion = await readFederatedAssertion(proof.text, client, room, cloud.name);
  return assertion === undefined
    ? presented
    : { clientId, proof: { kind: 'federated', assertion } };
}

/** The client as the request itself names it. */
function presentedClient(
  parameters: ReadonlyMap<string, string>,
  authorization: string | undefined,
): PresentedClient | Fault {
  const basic = basicCredentials(authorization);
  if (basic === 'malformed') return malformedRequest();
  const named = parameters.get('client_id');
  if (basic !== undefined && named !== undefined && !sameName(basic.clientId, named)) {
    return twoClients();
  }
  const clientId = readClientId(basic?.clientId ?? named);
  if (isFault(clientId)) return clientId;
  const secretText = basic?.secretText ?? parameters.get('client_secret') ?? '';
  const text = parameters.get('client_assertion') ?? '';
  if (secretText !== '') return { clientId, proof: { kind: 'secret', secretText } };
  if (text === '') return { clientId, proof: { kind: 'none' } };
  const type = parameters.get('client_assertion_type');
  if (type === undefined) return missingParameter('client_assertion_type');
  // UNVERIFIED: the code for another type of assertion; one request with the type of SAML would settle it.
  if (type !== assertionType) return malformedRequest();
  return { clientId, proof: { kind: 'assertion', text } };
}

function basicCredentials(
  authorization: string | undefined,
): { readonly clientId: string; readonly secretText: string } | 'malformed' | undefined {
  const encoded = /^basic +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const clientId = decodeSegment(text.slice(0, Math.max(colon, 0)).replaceAll('+', ' '));
  const secretText = decodeSegment(text.slice(colon + 1).replaceAll('+', ' '));
  if (colon < 0 || clientId === undefined || secretText === undefined) return 'malformed';
  return { clientId, secretText };
}

/** Where and when a client authenticates. */
export interface AuthenticationPlace {
  readonly cloud: Cloud;
  readonly reach: Reach;
  readonly tenant: Tenant;
  readonly grantType: string;
  readonly civilNow: Instant;
  readonly realNow: Instant;
}

/** The enabled service principal of a client in the tenant, or why there is none. */
export async function findClient(
  tx: ReadTransaction,
  clientId: string,
  tenant: Tenant,
): Promise<ServicePrincipal | Fault> {
  const found = await findServicePrincipalByAppId(tx, tenant.tenantId, clientId);
  if (found === undefined) return absentClient(tx, clientId, tenant);
  return found.accountEnabled ? found : disabledClient(found.appId, found.displayName);
}

/** Finds the client in the tenant and checks its proof; in the order in which Entra refuses. */
export async function authenticateClient(
  tx: ReadTransaction,
  presented: PresentedClient,
  place: AuthenticationPlace,
): Promise<AuthenticatedClient | Fault> {
  const { tenant } = place;
  const { clientId, proof } = presented;
  const servicePrincipal = await findClient(tx, clientId, tenant);
  if (isFault(servicePrincipal)) return servicePrincipal;
  const { appId } = servicePrincipal;
  switch (proof.kind) {
    case 'none':
      return missingClientCredential(place.grantType);
    case 'secret': {
      const refused = await judgeSecret(tx, proof.secretText, appId, place);
      return refused ?? { servicePrincipal, provedBy: 'secret' };
    }
    case 'assertion': {
      const keys = await findKeys(tx, tenant.tenantId, appId);
      const refused = judgeAssertion(proof.text, {
        clientId: appId,
        keys,
        realNow: place.realNow,
        civilNow: place.civilNow,
        isOwnAudience: (audience) => isOwnAudience(audience, place),
      });
      return refused ?? { servicePrincipal, provedBy: 'certificate' };
    }
    case 'federated': {
      const refused = await judgeFederated(tx, proof.assertion, servicePrincipal, place);
      return refused ?? { servicePrincipal, provedBy: 'certificate' };
    }
  }
}

async function absentClient(tx: ReadTransaction, clientId: string, tenant: Tenant): Promise<Fault> {
  const application = await findApplicationByAppId(tx, clientId);
  return application?.tenantId === tenant.tenantId
    ? missingServicePrincipal(application.appId, tenant.tenantId)
    : unknownClient(clientId, tenant.displayName);
}

async function judgeSecret(
  tx: ReadTransaction,
  secretText: string,
  appId: string,
  place: AuthenticationPlace,
): Promise<Fault | undefined> {
  const { tenantId } = place.tenant;
  const checked = await checkPassword(tx, tenantId, appId, secretText, place.civilNow);
  switch (checked) {
    case 'ok':
      return undefined;
    case 'wrong':
      return wrongSecret(appId);
    case 'expired':
      return expiredSecret(appId);
    case 'none': {
      const application = await findApplicationByAppId(tx, appId);
      return application?.isFallbackPublicClient === true ? publicClient() : wrongSecret(appId);
    }
  }
}
