import { type Cloud, type CloudName, cloudNamed } from '#cloud/cloud.ts';
import type { Compat } from '#cloud/compat.ts';
import type { Guard } from '#guard/authorize.ts';
import { type BearerProblem, isBearerProblem } from '#guard/bearer.ts';
import { isLoopbackAddress } from '#http/egress.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Fault } from '#kernel/fault.ts';
import { fold, sameName } from '#kernel/ids.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import { accountKeys, findAccount } from './account.store.ts';
import type { BatchAccount } from './account.ts';
import {
  authorizationDetails,
  bearerRefused,
  expiredDetail,
  malformedAuthorization,
  modeNotAllowed,
  staleSignature,
  unknownAccount,
  wrongAudienceDetail,
  wrongSignature,
} from './authenticate.faults.ts';
import type { BatchCaller } from './caller.ts';
import {
  parseSharedKey,
  type SharedKeyHeader,
  stringsToSign,
  verifySharedKey,
} from './shared-key.ts';

/** What telling callers takes. */
export interface AuthenticateParts {
  readonly guard: Pick<Guard, 'caller'>;
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: Clock;
  /** On the hardened side only callers of this machine are told why; as on Azure when absent. */
  readonly compat?: Compat;
}

/**
 * Who calls: an Entra token for exactly the cloud's Batch audience, from the account's tenant; or
 * the account's shared key. What the account does not allow is refused, and an account that is not
 * there is a 403, as recorded.
 */
export async function authenticate(
  parts: AuthenticateParts,
  request: HttpRequest,
): Promise<BatchCaller | Fault> {
  const name = request.reach.labels['account'] ?? '';
  const account = await parts.store.read((tx) => findAccount(tx, name));
  const authorization = request.headers['authorization'];
  const isKnown = account !== undefined && answersFor(account, request);
  if (authorization !== undefined && /^SharedKey(\s|$)/i.test(authorization)) {
    return sharedKeyCaller(parts, request, authorization, isKnown ? account : undefined);
  }
  if (!isKnown) return unknownAccount(name);
  if (authorization === undefined) return challenge(request, account, authorizationDetails.missing);
  if (!/^Bearer(\s|$)/i.test(authorization)) return malformedAuthorization();
  return bearerCallerOf(parts, request, account);
}

/**
 * An account that is being made or deleted is not known to the service, and a host of another
 * region is not the account's.
 */
function answersFor(account: BatchAccount, { reach }: HttpRequest): boolean {
  const region = reach.labels['region'];
  const location = fold(account.location.replaceAll(' ', ''));
  const isThere = region === undefined || region === location;
  return account.provisioningState === 'Succeeded' && isThere;
}

async function sharedKeyCaller(
  parts: AuthenticateParts,
  request: HttpRequest,
  authorization: string,
  account: BatchAccount | undefined,
): Promise<BatchCaller | Fault> {
  const header = parseSharedKey(authorization);
  if (header === undefined) return malformedAuthorization();
  if (account === undefined || !sameName(header.account, account.name)) {
    return unknownAccount(header.account);
  }
  if (!account.allowedAuthenticationModes.includes('SharedKey')) return modeNotAllowed('SharedKey');
  const keys = await parts.store.read((tx) => accountKeys(tx, parts.seal, account.name));
  if (keys === undefined) return unknownAccount(header.account);
  const now = parts.clock.real();
  const problem = verifySharedKey(request, header, [keys.primary, keys.secondary], now);
  switch (problem) {
    case undefined:
      return { kind: 'sharedKey', account };
    case 'wrongSignature':
      return isToldWhy(parts, request) ? explained(request, header) : wrongSignature();
    case 'noDate':
    case 'stale':
      return staleSignature(request.headers['ocp-date'] ?? request.headers['date'] ?? '', now);
  }
}

/** Names the reading of the request that most clients sign. */
function explained(request: HttpRequest, { account, signature }: SharedKeyHeader): Fault {
  const [stringToSign = ''] = stringsToSign(request, account);
  return wrongSignature({ signature, stringToSign });
}

/** Whether the caller may know what is wrong with its credential. */
function isToldWhy({ compat }: AuthenticateParts, { remoteAddress }: HttpRequest): boolean {
  return compat !== 'hardened' || isLoopbackAddress(remoteAddress);
}

async function bearerCallerOf(
  parts: AuthenticateParts,
  request: HttpRequest,
  account: BatchAccount,
): Promise<BatchCaller | Fault> {
  const cloud = cloudOf(request);
  const audiences = [cloud.batchAudience];
  const found = await parts.guard.caller(request, { audiences, cloud: cloud.name });
  if (isBearerProblem(found)) {
    const isTold = isToldWhy(parts, request);
    const detail = isTold ? detailOf(found, cloud) : authorizationDetails.unexplained;
    return challenge(request, account, detail);
  }
  // A caller that is known must still not learn which modes another tenant's account has.
  if (found.tenantId !== account.tenantId)
    return challenge(request, account, authorizationDetails.wrongTenant);
  if (!account.allowedAuthenticationModes.includes('AAD')) return modeNotAllowed('AAD');
  return { kind: 'token', caller: found, account };
}

/**
 * The detail of a refused token. Only the wording for a wrong audience is known of Azure; the rest
 * follows Resource Manager.
 */
function detailOf(problem: BearerProblem, cloud: Cloud): string {
  switch (problem.problem) {
    case 'wrongAudience':
      return wrongAudienceDetail(problem.audience ?? '', cloud.batchAudience);
    case 'expired':
      return expiredDetail(problem.expiresAt, problem.now);
    case 'unknownIssuer':
    case 'wrongCloud':
      return authorizationDetails.wrongTenant;
    case 'issuerUnreachable':
      return authorizationDetails.issuerUnreachable;
    case 'missing':
      return authorizationDetails.missing;
    case 'malformed':
      return authorizationDetails.malformed;
    case 'badSignature':
      return authorizationDetails.badSignature;
    case 'notYetValid':
      return authorizationDetails.notYetValid;
    case 'unknownPrincipal':
    case 'disabled':
      return authorizationDetails.disabled;
    case 'revoked':
      return authorizationDetails.revoked;
  }
}

function challenge(request: HttpRequest, account: BatchAccount, detail: string): Fault {
  const cloud = cloudOf(request);
  const [login = ''] = cloud.loginHosts;
  const host = request.reach.explicit ? request.reach.origin : `https://${login}`;
  const authorizationUri = `${host}/${account.tenantId}`;
  return bearerRefused({ authorizationUri, audience: cloud.batchAudience, detail });
}

function cloudOf(request: HttpRequest): Cloud {
  return cloudNamed(request.reach.cloud as CloudName);
}
