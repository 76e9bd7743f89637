import type { Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase, type Reach } from '#http/request.ts';
import { languageQueryOf, textsOf } from './answer-page.ts';
import { deviceTextsIn } from './device-texts.ts';
import { type Html, html } from './html.ts';
import { type Page, pageReply } from './page.ts';
import { type PageFrame, stepForm } from './sign-in-pages.ts';
import { filled } from './texts.ts';

/** Path of the page that takes the code. Source: where Entra's `microsoft.com/devicelogin` leads. */
export const devicePagePath = '/common/oauth2/deviceauth';

/**
 * Where a person is sent with her code: as the client reached Batten; under Azure's names to Batten's
 * own port, since `https://microsoft.com/devicelogin`, which Entra says, leads a browser outside
 * `batten run` to Microsoft, who does not know the code.
 */
export function devicePageAddress(reach: Reach, [port]: readonly number[]): string {
  const isReached = reach.explicit || port === undefined;
  const origin = isReached ? linkBase(reach) : `https://localhost:${port}`;
  return `${origin}${devicePagePath}`;
}

/**
 * Asks for the code. Sending it changes nothing but that a sign-in begins, as opening a link to
 * `/authorize` does, so this form alone carries no token.
 */
export function deviceCodePage(
  http: HttpRequest,
  typed: string,
  error?: 'unknown' | 'expired',
): Reply {
  const texts = textsOf(http);
  const own = deviceTextsIn(texts);
  const { pathname } = new URL(`${linkBase(http.reach)}${devicePagePath}`);
  const said = error === 'expired' ? own.codeExpired : own.codeUnknown;
  const alert = error && html`<p role="alert" id="otcError">${said}</p>`;
  const described = error && html` aria-invalid="true" aria-describedby="otcError"`;
  const body = html`<h1>${own.enterCode}</h1><p id="otcDescription">${own.enterCodeWhy}</p>${alert}
<form method="post" action="${pathname}${languageQueryOf(http)}"><label for="otc">${own.code}</label>
<input id="otc" name="otc" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="40" autofocus required value="${typed}"${described}>
<div><input id="idSIButton9" class="first" type="submit" value="${texts.next}"></div></form>`;
  return reply({ texts, title: own.enterCode, organization: undefined, body });
}

/** Says for which application the code is and where it was asked for, before anyone signs in. */
export function deviceConfirmPage(frame: PageFrame, remoteAddress: string): Page {
  const { texts } = frame;
  const own = deviceTextsIn(texts);
  const appName = isolated(frame.appName);
  const title = filled(own.confirm, appName);
  const choice = html`<div><button id="remoteConnectSubmit" class="first" type="submit" name="connect" value="1">${own.continueSignIn}</button>
<button id="idBtn_Back" type="submit" name="connect" value="0">${texts.cancel}</button></div>`;
  const body = html`<h1 id="appConfirmTitle">${title}</h1>
<p id="remoteConnectDescription">${filled(own.confirmWhy, appName)}</p>
<dl><dt>${own.requestFrom}</dt><dd><bdi>${remoteAddress}</bdi></dd></dl>
${stepForm(frame, 'remoteconnect', choice)}`;
  return { texts, title, organization: frame.organization, body };
}

/** Says that the device goes on by itself. */
export function deviceDonePage(http: HttpRequest, appName: string): Reply {
  const { signedIn } = deviceTextsIn(textsOf(http));
  return endPage(http, html`<h1 id="message">${filled(signedIn, isolated(appName))}</h1>`);
}

/** Says that the device gets nothing. */
export function deviceDeclinedPage(http: HttpRequest, appName: string): Reply {
  const { declined } = deviceTextsIn(textsOf(http));
  return endPage(http, html`<h1 id="message">${filled(declined, isolated(appName))}</h1>`);
}

function endPage(http: HttpRequest, heading: Html): Reply {
  const texts = textsOf(http);
  const body = html`${heading}<p>${deviceTextsIn(texts).closeWindow}</p>`;
  return reply({ texts, title: texts.signIn, organization: undefined, body });
}

/** Keeps the direction of a name's script from spilling into the sentence around it. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

function reply(page: Page): Reply {
  return pageReply(page, { formActions: [] });
}
