import type { Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { textsOf } from './answer-page.ts';
import { type Html, html } from './html.ts';
import { pageReply, raw } from './page.ts';

/** An application that hears, in a hidden frame, that its user signed out. */
export interface ToldApplication {
  readonly displayName: string;
  /** Its sign-out address with the session's id. */
  readonly address: string;
}

/** After this time a browser goes on although a frame still loads, in seconds. */
const framesSecondsMax = 10;

/** Goes on when every frame has loaded. */
const onwardScript =
  "addEventListener('load',()=>location.replace(document.getElementById('continue').href))";

/**
 * Says that the browser is signed out, has its other applications hear of it, and then goes on to an
 * address where there is one. Without scripts the header alone leads on.
 */
export function signedOutPage(
  request: HttpRequest,
  told: readonly ToldApplication[],
  onward?: string,
): Reply {
  const texts = textsOf(request);
  const frames: readonly Html[] = told.map(
    ({ displayName, address }) =>
      html`<iframe hidden title="${displayName}" src="${address}" sandbox="allow-scripts allow-same-origin"></iframe>`,
  );
  const link =
    onward === undefined
      ? undefined
      : html`<p><a id="continue" href="${onward}">${texts.continueToApplication}</a></p><script>${raw(onwardScript)}</script>`;
  const body = html`<h1 id="login_workload_logo_text">${texts.signedOut}</h1><p>${texts.signedOutWhy}</p>${frames}${link}`;
  const page = { texts, title: texts.signedOut, organization: undefined, body };
  const rights = { formActions: [], frames: told.map(({ address }) => address) };
  if (onward === undefined) return pageReply(page, rights);
  const reply = pageReply(page, { ...rights, script: onwardScript });
  return { ...reply, headers: { ...reply.headers, Refresh: `${framesSecondsMax};url=${onward}` } };
}
