import { readCertificate } from '#directory/certificate.ts';
import type { KeyCredential, PasswordCredential } from '#directory/credential.store.ts';
import { fold } from '#kernel/ids.ts';
import { type Instant, parseInstant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';
import type { KeyCredentialBody, PasswordListBody } from './application-body.ts';

/** Why a list of certificates or secrets is not taken. */
export type KeyProblem =
  | { readonly problem: 'certificate' | 'dates' | 'newPassword' }
  | { readonly problem: 'notUpdatable'; readonly keyId: string }
  | { readonly problem: 'notImplemented'; readonly what: string };

/**
 * The certificates that an object has after its `keyCredentials` were set to a list: those named by a known key id without bytes stay,
 * those with bytes are new, all others go. Names, times and the identifier default to the certificate's own. What stays may be written as
 * it was shown, and not otherwise.
 * Source: https://learn.microsoft.com/graph/api/resources/keycredential, https://github.com/Azure/azure-powershell/issues/6855
 */
export function keysAfter(
  present: readonly KeyCredential[],
  bodies: readonly KeyCredentialBody[],
  random: Random,
): readonly KeyCredential[] | KeyProblem {
  const keys: KeyCredential[] = [];
  for (const body of bodies) {
    const known = present.find((one) => one.keyId === fold(body.keyId ?? ''));
    if (known !== undefined && !isKept(known, body)) {
      return { problem: 'notUpdatable', keyId: known.keyId };
    }
    const key = known ?? newKey(body, random);
    if ('problem' in key) return key;
    keys.push(key);
  }
  return keys;
}

/**
 * The key ids of the secrets that an object has after its `passwordCredentials` were set to a list: those that are named stay, all others
 * go. None can be new.
 */
export function passwordsAfter(
  present: readonly PasswordCredential[],
  bodies: readonly PasswordListBody[],
): readonly string[] | KeyProblem {
  const keyIds: string[] = [];
  for (const body of bodies) {
    const known = present.find((one) => one.keyId === fold(body.keyId ?? ''));
    if (known === undefined) return { problem: 'newPassword' };
    if (!isSame(known, body) || body.secretText) {
      return { problem: 'notUpdatable', keyId: known.keyId };
    }
    keyIds.push(known.keyId);
  }
  return keyIds;
}

/** True when a body says nothing of a certificate but what is so. */
function isKept(known: KeyCredential, body: KeyCredentialBody): boolean {
  const bytes = body.key ? Buffer.from(body.key, 'base64') : undefined;
  const isSameKind = known.type === body.type && known.usage === body.usage;
  return isSameKind && isSame(known, body) && (bytes?.equals(known.certificateDer) ?? true);
}

function isSame(
  known: Pick<KeyCredential, 'displayName' | 'startAt' | 'endAt'>,
  body: Pick<KeyCredentialBody, 'displayName' | 'startDateTime' | 'endDateTime'>,
): boolean {
  return (
    (body.displayName ?? known.displayName) === known.displayName &&
    instantOr(body.startDateTime, known.startAt) === known.startAt &&
    instantOr(body.endDateTime, known.endAt) === known.endAt
  );
}

/** The certificate that a body describes. Only what verifies signatures is kept. */
export function newKey(body: KeyCredentialBody, random: Random): KeyCredential | KeyProblem {
  if (body.type !== 'AsymmetricX509Cert' || body.usage !== 'Verify') {
    return { problem: 'notImplemented', what: `keyCredentials of ${body.type} for ${body.usage}` };
  }
  const facts = readCertificate(Buffer.from(body.key ?? '', 'base64'));
  if (facts === undefined) return { problem: 'certificate' };
  const startAt = instantOr(body.startDateTime, facts.validFrom);
  const endAt = instantOr(body.endDateTime, facts.validTo);
  const fits = startAt !== undefined && endAt !== undefined && startAt < endAt;
  if (!fits || endAt > facts.validTo) return { problem: 'dates' };
  return {
    keyId: fold(body.keyId ?? random.guid()),
    displayName: body.displayName ?? facts.subject,
    ...(body.customKeyIdentifier ? { customKeyIdentifier: body.customKeyIdentifier } : {}),
    certificateDer: facts.certificateDer,
    thumbprintSha1: facts.thumbprintSha1,
    thumbprintSha256: facts.thumbprintSha256,
    startAt,
    endAt,
    type: body.type,
    usage: body.usage,
  };
}

function instantOr(text: string | null | undefined, otherwise: Instant): Instant | undefined {
  return text === null || text === undefined ? otherwise : parseInstant(text);
}
