import type { Application } from '#directory/application.ts';
import type { Fault } from '#kernel/fault.ts';
import {
  idTokenNotEnabled,
  idTokenWithoutOpenId,
  tokenNotEnabled,
  unsupportedResponseMode,
  unsupportedResponseType,
} from './authorize.faults.ts';
import { missingField, missingParameter } from './faults.ts';
import type { TokenEndpoint } from './grant.ts';
import { asksOpenId } from './requested-resource.ts';

/** What the authorization endpoint may hand out at once. */
export type ResponseType = 'code' | 'id_token' | 'token';

/** How an answer reaches the redirect address. */
export type ResponseMode = 'query' | 'fragment' | 'form_post';

const responseTypes = ['code', 'id_token', 'token'] as const;

/**
 * Reads `response_type`: its words in any order, each once. Undefined when it is none of Entra's.
 * UNVERIFIED: `code token` and all three at once, which Entra's metadata does not list.
 * Source: https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html
 */
export function readResponseTypes(text: string): readonly ResponseType[] | undefined {
  const words = text.split(' ');
  const known = responseTypes.filter((one) => words.includes(one));
  return known.length === words.length ? known : undefined;
}

/**
 * Judges `response_type`: tokens are handed out at once only to an application that enabled it, and
 * an id token only with a nonce and with `openid`, which v1 implies.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-implicit-grant-flow
 */
export function judgeResponseType(
  endpoint: TokenEndpoint,
  parameters: ReadonlyMap<string, string>,
  application: Pick<Application, 'enableIdTokenIssuance' | 'enableAccessTokenIssuance'>,
): Fault | undefined {
  const asked = parameters.get('response_type');
  if (asked === undefined || asked === '') return missingParameter('response_type');
  const types = readResponseTypes(asked);
  if (types === undefined) return unsupportedResponseType(asked);
  const wantsIdToken = types.includes('id_token');
  if (wantsIdToken && !application.enableIdTokenIssuance) return idTokenNotEnabled();
  if (types.includes('token') && !application.enableAccessTokenIssuance) return tokenNotEnabled();
  if (!wantsIdToken) return undefined;
  if (endpoint === 'v2' && !asksOpenId(parameters.get('scope') ?? '')) {
    return idTokenWithoutOpenId();
  }
  return (parameters.get('nonce') ?? '') === '' ? missingField('nonce') : undefined;
}

/** Judges `response_mode`: tokens never travel in a query. */
export function judgeResponseMode(parameters: ReadonlyMap<string, string>): Fault | undefined {
  const asked = parameters.get('response_mode') ?? '';
  if (asked === '') return undefined;
  const mode = responseModeNamed(asked);
  if (mode === undefined) return unsupportedResponseMode(asked);
  return mode === 'query' && wantsTokens(parameters) ? unsupportedResponseMode(asked) : undefined;
}

/**
 * How an answer reaches the redirect address, also when the rest of the request is wrong: a refusal
 * goes where the tokens would have gone.
 */
export function responseModeOf(parameters: ReadonlyMap<string, string>): ResponseMode {
  const named = responseModeNamed(parameters.get('response_mode') ?? '');
  const wanted = named ?? 'query';
  return wanted === 'query' && wantsTokens(parameters) ? 'fragment' : wanted;
}

function responseModeNamed(text: string): ResponseMode | undefined {
  return text === 'query' || text === 'fragment' || text === 'form_post' ? text : undefined;
}

function wantsTokens(parameters: ReadonlyMap<string, string>): boolean {
  return (parameters.get('response_type') ?? 'code').includes('token');
}
