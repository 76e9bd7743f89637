import { request } from 'node:https';
import { answerOf, type Browser, openBrowser, type Shown } from '#authority/browser.test.ts';
import type { AttackedWorld } from './world.ts';

/** A person at a browser without scripts, who sees the pages of a Batten that is attacked. */
export interface Person extends Browser {
  /** Opens an authorization request of v2: in the ready tenant unless another is named. */
  authorize(query: Readonly<Record<string, string>>, tenant?: string): Promise<Shown>;
  /** Goes on as a user, until something else than her name or password is asked for. */
  signIn(name: string, password: string): Promise<Shown>;
}

/** Sends one request and reads the whole page or redirect. */
export function fetchPage(
  { url, agent }: Pick<AttackedWorld, 'url' | 'agent'>,
  path: string,
  form: string | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Shown> {
  const type = form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  const method = form === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, agent, headers: { ...type, ...headers } });
    sent.on('error', reject);
    sent.on('response', async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const entries = Object.entries(reply.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join('\n') : `${value}`,
      ]);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: reply.statusCode ?? 0, headers: Object.fromEntries(entries), text });
    });
    sent.end(form);
  });
}

/** Opens a browser that knows nothing yet. */
export function openPerson(world: AttackedWorld): Person {
  const browser = openBrowser(({ path, form, headers }) => fetchPage(world, path, form, headers));
  return Object.assign(browser, {
    authorize: (query: Readonly<Record<string, string>>, tenant = world.tenantId) =>
      browser.open(`/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams(query)}`),
    async signIn(name: string, password: string) {
      await browser.submit({ loginfmt: name });
      return browser.submit({ passwd: password });
    },
  });
}

/** The AADSTS code that a page or a redirect shows. */
export function codeShown(shown: Shown): string {
  const location = shown.headers['location'];
  const text =
    location === undefined ? shown.text : (answerOf(shown).get('error_description') ?? '');
  return /AADSTS\d+/.exec(text)?.[0] ?? '';
}
