import { answerPreflights } from '#http/cross-origin.ts';
import { bind } from '#http/operation.ts';
import { type Surface, surfaceOf } from '#http/pipeline.ts';
import type { Log } from '#kernel/log.ts';
import { adminConsentOperations } from './admin-consent.http.ts';
import { authorizeOperations } from './authorize.http.ts';
import { deviceCodeOperations } from './device-code.http.ts';
import { devicePageOperations } from './device-page.http.ts';
import { authorityDialect, crossOriginMethods } from './dialect.ts';
import { discoveryOperations } from './discovery.http.ts';
import { logoutOperations } from './logout.http.ts';
import { nativeClientOperations } from './native-client.http.ts';
import type { AuthorityRoom } from './room.ts';
import { signInOperations } from './sign-in.http.ts';
import { tokenOperations } from './token.http.ts';
import { unbuiltOperations } from './unbuilt.http.ts';
import { userInfoOperations } from './user-info.http.ts';
import { userRealmOperations } from './user-realm.http.ts';

/**
 * Longest form that is read, in bytes: an assertion with a whole certificate chain is near 16 KiB, and
 * whoever asks for ten thousand permissions is told that these are too many.
 */
const formBytesMax = 262_144;

export interface AuthorityParts extends AuthorityRoom {
  readonly log: Log;
}

/** Every operation of the authority. */
export const authorityOperations = [
  ...discoveryOperations,
  ...userRealmOperations,
  ...userInfoOperations,
  ...tokenOperations,
  ...authorizeOperations,
  ...adminConsentOperations,
  ...signInOperations,
  ...deviceCodeOperations,
  ...devicePageOperations,
  ...logoutOperations,
  ...nativeClientOperations,
  ...unbuiltOperations,
];

/**
 * The authority: Entra ID's discovery documents, keys, sign-in pages and token endpoints, for every
 * tenant and every cloud.
 */
export function authoritySurface(parts: AuthorityParts): Surface {
  const surface = surfaceOf({
    dialect: authorityDialect,
    operations: bind(authorityOperations, parts),
    log: parts.log,
    bodyBytesMax: formBytesMax,
  });
  return answerPreflights(surface, crossOriginMethods);
}
