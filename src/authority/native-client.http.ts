import { operationsOf } from '#http/operation.ts';
import { textsOf } from './answer-page.ts';
import { deviceTextsIn } from './device-texts.ts';
import type { Anyone } from './dialect.ts';
import { html } from './html.ts';
import { pageReply } from './page.ts';
import type { AuthorityRoom } from './room.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

/**
 * The redirect address that Entra lends to applications with a browser of their own: they read the
 * code off its address. The page says nothing of it, and sends it nowhere.
 */
export const nativeClientOperations = [
  operation({
    id: 'Authority_ShowNativeClientPage',
    method: 'GET',
    path: '/common/oauth2/nativeclient',
    permission: 'anonymous',
    reply: { 200: 'stream' },
    source: 'https://learn.microsoft.com/entra/identity-platform/scenario-desktop-app-registration',
    handler: async ({ request }) => {
      const texts = textsOf(request);
      const { closeWindow } = deviceTextsIn(texts);
      const page = { texts, title: texts.signIn, organization: undefined };
      return pageReply({ ...page, body: html`<h1>${closeWindow}</h1>` }, { formActions: [] });
    },
  }),
];
