import {
  federatedCredentialsOfApp,
  type HeldFederatedCredential,
} from '#directory/federated-credential.store.ts';
import { firstPartyAppIds, tokenExchangeAudiences } from '#directory/first-party.ts';
import { findServicePrincipal, type ServicePrincipal } from '#directory/service-principal.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction } from '#store/store.ts';
import { readAccessToken, type VerifiedToken } from './access-token.ts';
import { assertionOutsideTime } from './assertion.faults.ts';
import {
  appTokenAsCredential,
  federatedAlgorithmUnsupported,
  federatedExtensionUnknown,
  federatedKeyNotFound,
  federatedKeyUnfit,
  federatedSignatureInvalid,
  federatedSubjectInOtherCase,
  issuerUnreachable,
  noFederatedAudience,
  noFederatedCredential,
  noFederatedIssuer,
  noFederatedSubject,
  tenantMayNotFederate,
  userTokenAsCredential,
} from './federation.faults.ts';
import { acceptedAlgorithms } from './foreign-signature.ts';
import {
  type ClaimedToken,
  judgeTokenTime,
  proveForeignToken,
  readClaimedToken,
} from './foreign-token.ts';
import type { AuthorityRoom } from './room.ts';

/**
 * A token of another issuer that was shown as a credential, and who stands behind it: Batten itself,
 * the keys of its issuer, or nobody.
 */
export interface FederatedAssertion {
  readonly claimed: ClaimedToken;
  readonly proof:
    | { readonly kind: 'own'; readonly token: VerifiedToken }
    | { readonly kind: 'issuer' }
    | { readonly kind: 'none'; readonly fault: Fault };
}

/**
 * Reads a client assertion that names an issuer by address, and asks that issuer's keys whether it
 * is genuine, which may take the network and so happens before any transaction. Nobody is asked for
 * an assertion that no federated credential of the client is for. Undefined for an assertion that
 * the client signed itself.
 */
export async function readFederatedAssertion(
  text: string,
  client: { readonly clientId: string; readonly tenantId: string | undefined },
  room: AuthorityRoom,
  cloud: string,
): Promise<FederatedAssertion | undefined> {
  const claimed = readClaimedToken(text);
  if (claimed === undefined || !claimed.issuer.startsWith('https://')) return undefined;
  await room.keys.refreshed();
  const own = readAccessToken(text, { keys: room.keys, cloud });
  if (own.kind === 'token') {
    return { claimed: ownClaimed(claimed), proof: { kind: 'own', token: own } };
  }
  if (own.problem === 'badSignature' || own.problem === 'wrongCloud') {
    return { claimed, proof: { kind: 'none', fault: federatedSignatureInvalid() } };
  }
  const credentials = await room.store.read((tx) =>
    federatedCredentialsOfApp(tx, client.tenantId, client.clientId),
  );
  const credential = matchingCredential(claimed, credentials);
  const fault = isFault(credential) ? credential : await unprovedFault(claimed, room);
  return { claimed, proof: fault === undefined ? { kind: 'issuer' } : { kind: 'none', fault } };
}

async function unprovedFault(
  claimed: ClaimedToken,
  { foreignKeys }: AuthorityRoom,
): Promise<Fault | undefined> {
  const { kid = '', alg = '', crit } = claimed.unverified.header;
  if (crit !== undefined) return federatedExtensionUnknown();
  const found = await proveForeignToken(claimed, foreignKeys, 'federatedCredential');
  switch (found?.problem) {
    case undefined:
      return undefined;
    case 'unreachable':
      return issuerUnreachable(claimed.issuer, found.reason);
    case 'unknownKey':
      return federatedKeyNotFound(claimed.issuer, String(kid));
    case 'unfitKey':
      return federatedKeyUnfit();
    case 'badSignature':
      return federatedSignatureInvalid();
    case 'badAlgorithm':
      return federatedAlgorithmUnsupported(String(alg), acceptedAlgorithms.federatedCredential);
  }
}

/**
 * A token for the exchange itself is written with the id of that resource and configured with its
 * name.
 */
function ownClaimed(claimed: ClaimedToken): ClaimedToken {
  const isForExchange = claimed.audiences.includes(firstPartyAppIds.tokenExchange);
  return isForExchange ? { ...claimed, audiences: tokenExchangeAudiences } : claimed;
}

/** When a federated assertion is judged. */
export interface FederationTime {
  /** Judges what other issuers dated. */
  readonly realNow: Instant;
  /** Judges what Batten dated. */
  readonly civilNow: Instant;
}

/**
 * Judges an assertion in Entra's order: issuer, subject and audience against the client's federated
 * credentials, then who signed it, then its time. Undefined when it proves the client.
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export async function judgeFederated(
  tx: ReadTransaction,
  assertion: FederatedAssertion,
  client: ServicePrincipal,
  time: FederationTime,
): Promise<Fault | undefined> {
  const { claimed, proof } = assertion;
  const credentials = await federatedCredentialsOfApp(tx, client.tenantId, client.appId);
  if (credentials.length === 0) return noFederatedCredential(client.appId, client.displayName);
  const credential = matchingCredential(claimed, credentials);
  if (isFault(credential)) return credential;
  switch (proof.kind) {
    case 'none':
      return proof.fault;
    case 'issuer':
      return judgeTime(claimed, time.realNow);
    case 'own':
      return (await judgeOwn(tx, proof.token, credential)) ?? judgeTime(claimed, time.civilNow);
  }
}

function judgeTime(claimed: ClaimedToken, now: Instant): Fault | undefined {
  if (judgeTokenTime(claimed, now) === undefined) return undefined;
  return assertionOutsideTime(now, claimed.notBefore, claimed.expiresAt);
}

/** The credential that an assertion is for, every letter of it, or what no credential has. */
export function matchingCredential(
  { issuer, subject, audiences }: Pick<ClaimedToken, 'issuer' | 'subject' | 'audiences'>,
  credentials: readonly HeldFederatedCredential[],
): HeldFederatedCredential | Fault {
  const ofIssuer = credentials.filter((one) => one.issuer === issuer);
  if (ofIssuer.length === 0) return noFederatedIssuer(issuer);
  const ofSubject = ofIssuer.filter((one) => one.subject === subject);
  if (ofSubject.length === 0) {
    const isNear = ofIssuer.some((one) => fold(one.subject) === fold(subject));
    return isNear ? federatedSubjectInOtherCase(subject) : noFederatedSubject(subject);
  }
  const found = ofSubject.find((one) => one.audiences.some((each) => audiences.includes(each)));
  return found ?? noFederatedAudience(audiences[0] ?? '');
}

/** Of Batten's own tokens only a managed identity's may be shown, in the tenant of both. */
async function judgeOwn(
  tx: ReadTransaction,
  own: VerifiedToken,
  credential: HeldFederatedCredential,
): Promise<Fault | undefined> {
  if (!own.isAppOnly) return userTokenAsCredential();
  if (own.tenantId !== credential.tenantId) return tenantMayNotFederate(own.issuer);
  const holder = await findServicePrincipal(tx, own.tenantId, own.objectId);
  const isIdentity = holder?.servicePrincipalType === 'ManagedIdentity' && holder.accountEnabled;
  return isIdentity ? undefined : appTokenAsCredential();
}
