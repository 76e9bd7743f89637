import type { Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import { languageQueryOf, textsOf } from './answer-page.ts';
import { type Html, html } from './html.ts';
import { loginHintOf } from './login-hint.ts';
import type { LogoutRequest } from './logout.ts';
import { pageReply } from './page.ts';
import { policySourcesOf } from './redirect-uri.ts';
import { accountTile } from './sign-in-pages.ts';

/**
 * Asks which of several accounts signs out, in Entra's words. The form is the request once more,
 * with the hint that it lacked: it can do no more than a link can.
 */
export function leavingAccountPage(
  request: HttpRequest,
  asked: LogoutRequest,
  names: readonly string[],
  onward: string | undefined,
): Reply {
  const texts = textsOf(request);
  const base = new URL(linkBase(request.reach)).pathname.replace(/\/$/, '');
  const action = `${base}${request.route.path}${languageQueryOf(request)}`;
  const again: readonly (readonly [name: string, value: string | undefined])[] = [
    ['post_logout_redirect_uri', asked.redirectUri],
    ['state', asked.state],
    ['client_id', asked.clientId],
  ];
  const hidden: readonly Html[] = again.flatMap(([name, value]) =>
    value === undefined ? [] : html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const tiles: readonly Html[] = names.map((name) =>
    accountTile('logout_hint', loginHintOf(name), name, texts.signedInState),
  );
  const body = html`<h1 id="loginHeader">${texts.pickAccount}</h1><p>${texts.whichSignsOut}</p>
<form method="post" action="${action}">${hidden}<div id="tilesHolder">${tiles}</div></form>`;
  const page = { texts, title: texts.pickAccount, organization: undefined, body };
  return pageReply(page, { formActions: onward === undefined ? [] : policySourcesOf(onward) });
}
