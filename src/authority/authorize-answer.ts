import type { Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { formPostPage } from './answer-page.ts';
import type { AuthorizeRequest, ResponseMode } from './authorize-request.ts';
import { spokenFault } from './dialect.ts';

/** Where an answer goes, and how. */
export type AnswerAddress = Pick<AuthorizeRequest, 'redirectUri' | 'responseMode' | 'state'>;

type Fields = readonly (readonly [name: string, value: string])[];

/** The code for the application: what it exchanges for tokens. */
export function codeAnswer(
  http: HttpRequest,
  request: AuthorizeRequest,
  granted: { readonly code: string; readonly sessionId: string; readonly clientInfo: string },
): Reply {
  return answer(http, request, [
    ['code', granted.code],
    ...(request.wantsClientInfo ? ([['client_info', granted.clientInfo]] as const) : []),
    ...stateOf(request),
    ['session_state', granted.sessionId],
  ]);
}

/** The refusal for the application, with all that the token endpoint would say. */
export function faultAnswer(http: HttpRequest, address: AnswerAddress, fault: Fault): Reply {
  const { error, error_description, error_uri, suberror } = spokenFault(fault, http);
  const known = { error, error_description, error_uri, suberror };
  const fields = Object.entries(known).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return answer(http, address, [...fields, ...stateOf(address)]);
}

function stateOf({ state }: AnswerAddress): Fields {
  return state === undefined ? [] : [['state', state]];
}

function answer(
  http: HttpRequest,
  { redirectUri, responseMode }: AnswerAddress,
  fields: Fields,
): Reply {
  if (responseMode === 'form_post') return formPostPage(http, redirectUri, fields);
  const text = fields.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const Location = `${redirectUri}${separator(redirectUri, responseMode)}${text}`;
  return { status: 302, headers: { Location, 'Referrer-Policy': 'no-referrer' } };
}

function separator(redirectUri: string, responseMode: ResponseMode): '#' | '?' | '&' {
  if (responseMode === 'fragment') return '#';
  return redirectUri.includes('?') ? '&' : '?';
}
