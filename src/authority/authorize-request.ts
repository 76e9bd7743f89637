import type { Application } from '#directory/application.ts';
import type { Fault } from '#kernel/fault.ts';
import { isFault } from '#kernel/fault.ts';
import type { CodeChallenge } from './authorization-code.store.ts';
import {
  challengeRequired,
  hintedTwice,
  insecureReplyAddress,
  malformedChallenge,
  missingChallenge,
  missingReplyAddress,
  noReplyAddress,
  parameterTooLong,
  unknownReplyAddress,
  unsupportedChallengeMethod,
  unsupportedPrompt,
} from './authorize.faults.ts';
import { readClaimsRequest } from './claims-parameter.ts';
import { isVerifierShaped } from './code-verifier.ts';
import { malformedRequest, notForConsumers } from './faults.ts';
import type { TokenEndpoint } from './grant.ts';
import { nameInLoginHint } from './login-hint.ts';
import { defaultRedirectUri, isSecureRedirectUri, redirectKindOf } from './redirect-uri.ts';
import { readSignInPermissions } from './requested-permissions.ts';
import { resourceNotProvided } from './resource.faults.ts';
import {
  judgeResponseMode,
  judgeResponseType,
  type ResponseMode,
  type ResponseType,
  readResponseTypes,
  responseModeOf,
} from './response-type.ts';
import type { Tenancy } from './tenancy.ts';
import type { RedirectKind } from './user-grant.ts';
import { singleTenantApplication } from './user-tokens.faults.ts';

/** `admin_consent` is of the v1 endpoint: an administrator consents for everybody while she signs in. */
export type Prompt = 'none' | 'login' | 'select_account' | 'consent' | 'admin_consent';

/** A sign-in that a client asked for, as it was found right. */
export interface AuthorizeRequest {
  readonly endpoint: TokenEndpoint;
  /** The tenant as the path named it; on the adfs form its id. */
  readonly tenantName: string;
  /** Folded. */
  readonly clientId: string;
  readonly redirectUri: string;
  readonly redirectKind: RedirectKind;
  /** The request named no redirect address, so its redemption need not either. */
  readonly namesNoRedirectUri?: boolean;
  /** What is handed out at the end: a code, tokens, or both. */
  readonly responseTypes: readonly ResponseType[];
  readonly responseMode: ResponseMode;
  readonly scope: string;
  readonly resource?: string;
  readonly codeChallenge?: CodeChallenge;
  readonly prompt?: Prompt;
  /** How long ago she may have proved who she is, in seconds. */
  readonly maxAgeSeconds?: number;
  readonly loginHint?: string;
  /** `sid` of the session that is wanted. */
  readonly sessionId?: string;
  /** Domain or id of a tenant, or an alias of the path. */
  readonly domainHint?: string;
  readonly nonce?: string;
  /** Goes back byte for byte. */
  readonly state?: string;
  /** What the client can do, for tokens that are handed out at once. */
  readonly claims?: string;
  readonly wantsClientInfo: boolean;
}

/** A sign-in as it was asked for. */
export interface AskedSignIn {
  readonly endpoint: TokenEndpoint;
  readonly tenantName: string;
  readonly tenancy: Tenancy;
  readonly application: Application;
  /** The application's home tenant has the redirect addresses of 2020. */
  readonly hasClassicRedirectUris: boolean;
  /** The redirect address is the application's default one. */
  readonly namesNoRedirectUri: boolean;
  readonly parameters: ReadonlyMap<string, string>;
}

/** One thing that a request must have right. */
export interface AuthorizeCheck {
  readonly name: string;
  readonly judge: (asked: AskedSignIn) => Fault | undefined;
}

/** The parameters that are read; whatever else a client sends is dropped. */
export const authorizeParameters: readonly string[] = [
  ...['client_id', 'redirect_uri', 'response_type', 'response_mode', 'scope', 'resource'],
  ...['state', 'nonce', 'prompt', 'login_hint', 'code_challenge', 'code_challenge_method'],
  ...['client_info', 'claims', 'max_age', 'sid', 'domain_hint'],
];

/** Longest `state`, `nonce` or `login_hint`, in characters. UNVERIFIED: Entra's own limits. */
const textCharactersMax = 8192;

/**
 * Longest request as the pages carry it, in bytes of JSON: sealed and beside what a consent page
 * showed, it comes back in a form of 64 KiB at most.
 */
const requestBytesMax = 24_576;

/** What must hold before anything is sent to the redirect address: a failure is a page. */
export const pageChecks: readonly AuthorizeCheck[] = [
  { name: 'nobody signs in with a personal account', judge: judgePersonal },
  { name: 'the redirect address is registered', judge: judgeRedirectUri },
  { name: 'nothing is too long to be sent back', judge: judgeLengths },
];

/**
 * An application of one tenant names it. Its redirect address is told, as that of a page that asks
 * for consent is not.
 * Source: https://github.com/microsoftgraph/aspnetcore-connect-sample/issues/65
 */
export const tenancyCheck: AuthorizeCheck = {
  name: 'the tenant fits the application',
  judge: judgeTenancy,
};

/** What the client got wrong, and is told at its redirect address. */
export const redirectChecks: readonly AuthorizeCheck[] = [
  tenancyCheck,
  {
    name: 'the response type is known and enabled',
    judge: ({ endpoint, parameters, application }) =>
      judgeResponseType(endpoint, parameters, application),
  },
  {
    name: 'the response mode is known and keeps tokens out of a query',
    judge: ({ parameters }) => judgeResponseMode(parameters),
  },
  { name: 'the prompt is known', judge: judgePrompt },
  { name: 'the age of the sign-in is a number', judge: judgeMaxAge },
  { name: 'the account is hinted at once', judge: judgeHints },
  { name: 'the permissions are well-formed', judge: judgePermissions },
  { name: 'the code challenge is well-formed', judge: judgeChallenge },
  { name: 'the claims are JSON', judge: judgeClaims },
];

/** The first of the checks that fails. */
export function firstFailure(
  checks: readonly AuthorizeCheck[],
  asked: AskedSignIn,
): Fault | undefined {
  for (const { judge } of checks) {
    const refused = judge(asked);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function judgePersonal({ tenancy }: AskedSignIn): Fault | undefined {
  const isPersonal = tenancy.kind === 'alias' && tenancy.alias === 'consumers';
  return isPersonal ? notForConsumers() : undefined;
}

function judgeTenancy({ tenancy, application }: AskedSignIn): Fault | undefined {
  if (tenancy.kind === 'tenant') return undefined;
  const { signInAudience, appId, displayName } = application;
  return signInAudience === 'AzureADMyOrg'
    ? singleTenantApplication(appId, displayName)
    : undefined;
}

function judgeRedirectUri(asked: AskedSignIn): Fault | undefined {
  const { parameters, application } = asked;
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (redirectUri === '') return missingReplyAddress();
  if (defaultRedirectUri(application) === undefined) return noReplyAddress();
  if (redirectKindOf(application, redirectUri) === undefined) {
    return unknownReplyAddress(redirectUri, application.appId);
  }
  const isAllowed = asked.hasClassicRedirectUris || isSecureRedirectUri(redirectUri);
  return isAllowed ? undefined : insecureReplyAddress();
}

function judgeLengths({ parameters }: AskedSignIn): Fault | undefined {
  const names = ['state', 'nonce', 'login_hint'];
  const long = names.find((name) => (parameters.get(name)?.length ?? 0) > textCharactersMax);
  if (long !== undefined) return parameterTooLong(long);
  const bytes = Buffer.byteLength(JSON.stringify([...parameters.values()]));
  return bytes > requestBytesMax ? parameterTooLong('all of them') : undefined;
}

function judgePrompt({ endpoint, parameters }: AskedSignIn): Fault | undefined {
  const asked = parameters.get('prompt') ?? '';
  const named = promptNamed(asked);
  const isKnown = named !== undefined && (named !== 'admin_consent' || endpoint === 'v1');
  if (asked === '' || isKnown) return undefined;
  return unsupportedPrompt();
}

function promptNamed(text: string): Prompt | undefined {
  const known = ['none', 'login', 'select_account', 'consent', 'admin_consent'] as const;
  return known.find((one) => one === text);
}

function judgeMaxAge({ parameters }: AskedSignIn): Fault | undefined {
  const asked = parameters.get('max_age') ?? '';
  return /^\d{0,9}$/.test(asked) ? undefined : malformedRequest();
}

function judgeHints({ parameters }: AskedSignIn): Fault | undefined {
  const isNamed = (name: string) => (parameters.get(name) ?? '') !== '';
  return isNamed('sid') && isNamed('login_hint') ? hintedTwice() : undefined;
}

function judgePermissions({ endpoint, parameters }: AskedSignIn): Fault | undefined {
  const [scope, resource] = [parameters.get('scope'), parameters.get('resource')];
  const wantsToken = readResponseTypes(parameters.get('response_type') ?? '')?.includes('token');
  if (endpoint === 'v1' && wantsToken && (resource ?? '') === '') return resourceNotProvided();
  const read = readSignInPermissions(endpoint, { scope, resource });
  return isFault(read) ? read : undefined;
}

function judgeChallenge(asked: AskedSignIn): Fault | undefined {
  const { parameters, application } = asked;
  const challenge = parameters.get('code_challenge') ?? '';
  const method = parameters.get('code_challenge_method') ?? 'plain';
  if (challenge === '') {
    const kind = redirectKindOf(application, parameters.get('redirect_uri') ?? '');
    const types = readResponseTypes(parameters.get('response_type') ?? '') ?? [];
    if (kind === 'spa' && types.includes('code')) return challengeRequired();
    return parameters.has('code_challenge_method') ? missingChallenge() : undefined;
  }
  if (method !== 'S256' && method !== 'plain') return unsupportedChallengeMethod();
  return isVerifierShaped(challenge) ? undefined : malformedChallenge();
}

function judgeClaims({ parameters }: AskedSignIn): Fault | undefined {
  const claims = readClaimsRequest(parameters.get('claims'));
  return isFault(claims) ? claims : undefined;
}

/** Whether the id token of a sign-in says when it was: asked for by name, or by its age. */
export function wantsAuthTime({ maxAgeSeconds, claims }: AuthorizeRequest): boolean {
  const asked = readClaimsRequest(claims);
  return maxAgeSeconds !== undefined || (!isFault(asked) && asked.idToken.includes('auth_time'));
}

/** The request as its checks found it. Throws when they were not asked. */
export function authorizeRequestOf(asked: AskedSignIn): AuthorizeRequest {
  const { endpoint, tenantName, application, parameters } = asked;
  const text = (name: string) => parameters.get(name) || undefined;
  const redirectUri = parameters.get('redirect_uri') ?? '';
  const redirectKind = redirectKindOf(application, redirectUri);
  if (redirectKind === undefined) throw new Error('the redirect address was not checked');
  const value = text('code_challenge');
  const method = text('code_challenge_method') === 'S256' ? 'S256' : 'plain';
  const resource = text('resource');
  const prompt = promptNamed(parameters.get('prompt') ?? '');
  const maxAge = text('max_age');
  const hint = text('login_hint');
  const sessionId = text('sid');
  const domainHint = text('domain_hint');
  const nonce = text('nonce');
  const state = parameters.get('state');
  const claims = text('claims');
  return {
    endpoint,
    tenantName,
    clientId: application.appId,
    redirectUri,
    redirectKind,
    ...(asked.namesNoRedirectUri ? { namesNoRedirectUri: true } : {}),
    responseTypes: readResponseTypes(parameters.get('response_type') ?? '') ?? [],
    responseMode: responseModeOf(parameters),
    scope: parameters.get('scope') ?? '',
    wantsClientInfo: parameters.get('client_info') === '1',
    ...(resource === undefined ? {} : { resource }),
    ...(value === undefined ? {} : { codeChallenge: { method, value } }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Number(maxAge) }),
    ...(hint === undefined ? {} : { loginHint: nameInLoginHint(hint) }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(domainHint === undefined ? {} : { domainHint }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(state === undefined ? {} : { state }),
    ...(claims === undefined ? {} : { claims }),
  };
}
