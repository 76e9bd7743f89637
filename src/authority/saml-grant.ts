import type { Tenant } from '#directory/tenant.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { type PresentedClient, presentClient } from './client-authentication.ts';
import { missingParameter, notForConsumers } from './faults.ts';
import type { Grant, TokenRequest } from './grant.ts';
import { proveClient } from './prove-client.ts';
import type { AuthorityRoom } from './room.ts';
import {
  malformedSamlToken,
  unknownFederationRealm,
  unsupportedSamlResponse,
} from './saml.faults.ts';

/** The versions of SAML that have a grant. */
type SamlVersion = '1.1' | '2.0';

/**
 * A client shows what the identity provider of a federated domain said of a user: ADFS, after MSAL or
 * ADAL asked it by WS-Trust. Every domain of a tenant here is managed, so that nobody's assertion is
 * believed, and who signed it is not looked at.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-saml-bearer-assertion
 */
export const samlBearers: readonly Grant[] = [
  samlBearer('urn:ietf:params:oauth:grant-type:saml1_1-bearer', '1.1'),
  samlBearer('urn:ietf:params:oauth:grant-type:saml2-bearer', '2.0'),
];

function samlBearer(grantType: string, version: SamlVersion): Grant {
  return {
    grantType,
    parameters: ['assertion'],
    handler: async (request, room) => {
      const { tenancy, parameters } = request;
      if (tenancy.kind === 'alias' && tenancy.alias === 'consumers') return notForConsumers();
      const presented = await presentClient(request, room);
      if (isFault(presented)) return presented;
      const assertion = parameters.get('assertion') ?? '';
      if (assertion === '') return missingParameter('assertion');
      // Where no tenant is named the issuer would name it, and no issuer is known.
      const refused =
        tenancy.kind === 'tenant'
          ? await judgeClient(request, presented, tenancy.tenant, grantType, room)
          : undefined;
      return refused ?? judgeSaml(assertion, version);
    },
  };
}

async function judgeClient(
  { http, cloud }: TokenRequest,
  presented: PresentedClient,
  tenant: Tenant,
  grantType: string,
  room: AuthorityRoom,
): Promise<Fault | undefined> {
  const times = { civilNow: room.clock.civil(), realNow: room.clock.real() };
  const place = { cloud, reach: http.reach, tenant, grantType, ...times };
  const client = await room.store.read((tx) => proveClient(tx, presented, place));
  return isFault(client) ? client : undefined;
}

/** Why an assertion proves nobody: it is none, is of another version, or nobody here trusts its issuer. */
function judgeSaml(assertion: string, version: SamlVersion): Fault {
  const read = readSaml(Buffer.from(assertion, 'base64').toString('utf8'));
  if (read === undefined) return malformedSamlToken();
  return read.version === version ? unknownFederationRealm(read.issuer) : unsupportedSamlResponse();
}

/** Version and issuer of the first assertion in a text; nothing else of it is read. */
function readSaml(
  xml: string,
): { readonly version: SamlVersion; readonly issuer: string } | undefined {
  const opening = /<(?:[\w.-]+:)?Assertion\s([^<>]*)>/.exec(xml);
  if (opening === null) return undefined;
  const [, attributes = ''] = opening;
  const attribute = (name: string): string | undefined =>
    attributes
      .split(/\s+/)
      .find((one) => one.startsWith(`${name}=`))
      ?.slice(name.length + 2, -1);
  if (attribute('Version') === '2.0') {
    const named = /<(?:[\w.-]+:)?Issuer(?:\s[^<>]*)?>([^<]*)</.exec(xml.slice(opening.index));
    return { version: '2.0', issuer: named?.[1]?.trim() ?? '' };
  }
  const issuer = attribute('Issuer');
  return attribute('MajorVersion') === '1' && issuer !== undefined
    ? { version: '1.1', issuer }
    : undefined;
}
