import type { Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { formPostPage } from './answer-page.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import { spokenFault } from './dialect.ts';
import type { ResponseMode } from './response-type.ts';

/** Where an answer goes, and how. */
export type AnswerAddress = Pick<AuthorizeRequest, 'redirectUri' | 'responseMode' | 'state'>;

/** Names and values of an answer, in their order. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** What the application gets at the end of a sign-in. */
export interface AuthorizeAnswer {
  readonly code?: string;
  /** Tokens that are handed out at once, as fields of the answer. */
  readonly tokens?: Fields;
  readonly sessionId: string;
  readonly clientInfo: string;
}

/** The code, tokens, or both, for the application. */
export function codeAnswer(
  http: HttpRequest,
  request: AuthorizeRequest,
  granted: AuthorizeAnswer,
): Reply {
  const { code, tokens = [], sessionId, clientInfo } = granted;
  return answer(http, request, [
    ...(code === undefined ? [] : ([['code', code]] as const)),
    ...tokens,
    ...(request.prompt === 'admin_consent' ? ([['admin_consent', 'True']] as const) : []),
    ...(request.wantsClientInfo ? ([['client_info', clientInfo]] as const) : []),
    ...stateOf(request),
    ['session_state', sessionId],
  ]);
}

/** The refusal for the application, with all that the token endpoint would say. */
export function faultAnswer(http: HttpRequest, address: AnswerAddress, fault: Fault): Reply {
  return answer(http, address, [...faultFields(http, fault), ...stateOf(address)]);
}

/** A refusal as fields of an answer. One without a text says only its error and what belongs to it. */
export function faultFields(http: HttpRequest, fault: Fault): Fields {
  const { error, error_description, error_uri, suberror } = spokenFault(fault, http);
  const error_subcode = fault.values?.find(({ key }) => key === 'error_subcode')?.value;
  const said = fault.message === '' ? {} : { error_description, error_uri };
  const known = { error, ...said, error_subcode, suberror };
  return Object.entries(known).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
}

/** `state`, as it came. */
export function stateOf({ state }: AnswerAddress): Fields {
  return state === undefined ? [] : [['state', state]];
}

/** Sends fields to a redirect address. */
export function answer(
  http: HttpRequest,
  { redirectUri, responseMode }: AnswerAddress,
  fields: Fields,
): Reply {
  if (responseMode === 'form_post') return formPostPage(http, redirectUri, fields);
  const text = fields.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const target = withPath(redirectUri);
  const Location = `${target}${separator(target, responseMode)}${text}`;
  return { status: 302, headers: { Location, 'Referrer-Policy': 'no-referrer' } };
}

/**
 * A web address without a path is answered with the slash that stands for it.
 * Source: https://learn.microsoft.com/entra/identity-platform/reply-url
 */
function withPath(redirectUri: string): string {
  return /^https?:\/\/[^/?]+$/.test(redirectUri) ? `${redirectUri}/` : redirectUri;
}

function separator(redirectUri: string, responseMode: ResponseMode): '#' | '?' | '&' {
  if (responseMode === 'fragment') return '#';
  return redirectUri.includes('?') ? '&' : '?';
}
