import type { Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { queryValue } from '#http/target.ts';
import type { Fault } from '#kernel/fault.ts';
import { isoOf } from '#kernel/instant.ts';
import { correlationIdOf } from './dialect.ts';
import { type Html, html } from './html.ts';
import { pageReply, raw } from './page.ts';
import { type Texts, textsFor } from './texts.ts';

/** The texts of a request: as it asks by parameter, else as the browser prefers. */
export function textsOf(request: HttpRequest): Texts {
  return textsFor(askedLanguages(request) ?? request.headers['accept-language'] ?? '');
}

/**
 * The query that asks the next page for the language of this one; empty where the browser's
 * preference decides.
 */
export function languageQueryOf(request: HttpRequest): string {
  if (askedLanguages(request) === undefined) return '';
  return `?ui_locales=${textsOf(request).language}`;
}

function askedLanguages({ query }: HttpRequest): string | undefined {
  return queryValue(query, 'ui_locales') ?? queryValue(query, 'mkt');
}

/** A refusal as a page, when the application must not be told or cannot be. */
export function errorPage(fault: Fault, request: HttpRequest): Reply {
  const texts = textsOf(request);
  const facts = [
    [texts.requestId, request.requestId],
    [texts.correlationId, correlationIdOf(request)],
    [texts.timestamp, `${isoOf(request.receivedAt).slice(0, 19)}Z`],
  ] as const;
  const body = html`<h1>${texts.signIn}</h1><p>${texts.cannotSignIn}</p>
<p role="alert" id="exceptionMessageContainer">${fault.code}: ${fault.message}</p>
<dl>${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
  const page = { texts, title: texts.signIn, organization: undefined, body };
  return pageReply(page, { formActions: [] }, fault.status);
}

const submitScript = 'document.forms[0].submit()';

/**
 * Hands the answer to the application by a form that sends itself, or is sent by hand where scripts
 * do not run.
 */
export function formPostPage(
  request: HttpRequest,
  redirectUri: string,
  fields: readonly (readonly [name: string, value: string])[],
): Reply {
  const texts = textsOf(request);
  const inputs: readonly Html[] = fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const body = html`<form method="post" name="hiddenform" action="${redirectUri}">${inputs}
<noscript><button class="first" type="submit">${texts.continueToApplication}</button></noscript></form>
<script>${raw(submitScript)}</script>`;
  const page = { texts, title: texts.signIn, organization: undefined, body };
  const [target = ''] = redirectUri.split('?');
  return pageReply(page, { formActions: [target], script: submitScript });
}
