import { findApplicationByAppId } from '#directory/application.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import {
  type AuthenticatedClient,
  type AuthenticationPlace,
  authenticateClient,
  findClient,
  type PresentedClient,
} from './client-authentication.ts';
import { credentialRequired } from './grant.faults.ts';

/**
 * Proves the client of a grant that no redirect address came before, so that only the registration
 * says what the client is: one that allows public clients needs no credential, every other one does.
 * A credential that is shown is checked in any case.
 * Source: https://learn.microsoft.com/graph/api/resources/application (isFallbackPublicClient)
 */
export async function proveClient(
  tx: ReadTransaction,
  presented: PresentedClient,
  place: AuthenticationPlace,
): Promise<AuthenticatedClient | Fault> {
  if (presented.proof.kind !== 'none') return authenticateClient(tx, presented, place);
  const servicePrincipal = await findClient(tx, presented.clientId, place.tenant);
  if (isFault(servicePrincipal)) return servicePrincipal;
  const application = await findApplicationByAppId(tx, servicePrincipal.appId);
  return application?.isFallbackPublicClient === true
    ? { servicePrincipal, provedBy: 'none' }
    : credentialRequired();
}
