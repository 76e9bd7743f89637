import { type IncomingMessage, request as plainRequest } from 'node:http';
import { type Agent, request } from 'node:https';
import { type Browser, formOf, openBrowser, type Shown } from '#authority/browser.test.ts';

/** A person at a browser without scripts, in front of the pages of a running Batten. */
export interface Person extends Browser {
  /** Opens an address and goes through its pages, to the redirect or the last page. */
  walk(url: string, choice?: Choice): Promise<Shown>;
  /** The same for a program on this machine: what the last page posts is posted to it. Resolves with the program's page. */
  walkBack(url: string, choice?: Choice): Promise<Shown>;
  /** Types a device code, and signs in there. */
  typeCode(userCode: string, choice?: Choice): Promise<Shown>;
}

export interface Choice {
  readonly userName?: string;
  readonly password?: string;
  /** True to say no where she is asked. */
  readonly declines?: boolean;
}

/** Where the person's browser goes, and who she is: `BATTEN_URL`, `BATTEN_USERNAME`, `BATTEN_PASSWORD`. */
export interface PersonsPlace {
  readonly batten: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly agent: Agent;
  };
}

/** A browser that knows nothing yet; whoever sits before it is the ready user unless the choice names another. */
export function openPerson({ batten: { env, agent } }: PersonsPlace): Person {
  const origin = env['BATTEN_URL'] ?? '';
  const browser = openBrowser(({ path, form, headers }) =>
    send((reply) => request(`${origin}${path}`, { agent, ...sending(form, headers) }, reply), form),
  );
  const goThrough = async (choice: Choice): Promise<Shown> => {
    const { userName = env['BATTEN_USERNAME'] ?? '', declines = false } = choice;
    const { password = env['BATTEN_PASSWORD'] ?? '' } = choice;
    const has = (field: string) => browser.shown.text.includes(`name="${field}"`);
    if (has('loginfmt')) await browser.submit({ loginfmt: userName });
    if (has('passwd')) await browser.submit({ passwd: password });
    if (has('consent')) await browser.submit({ consent: declines ? 'decline' : 'accept' });
    if (has('stay')) await browser.submit({ stay: '0' });
    return browser.shown;
  };
  const walk = async (url: string, choice: Choice = {}): Promise<Shown> => {
    const { pathname, search } = new URL(url);
    await browser.open(`${pathname}${search}`);
    return goThrough(choice);
  };
  return Object.assign(browser, {
    walk,
    walkBack: async (url: string, choice: Choice = {}) => {
      const { action, hidden } = formOf((await walk(url, choice)).text);
      return postTo(action, hidden);
    },
    typeCode: async (userCode: string, choice: Choice = {}) => {
      await browser.open('/common/oauth2/deviceauth');
      await browser.submit({ otc: userCode });
      await browser.submit({ connect: choice.declines ? '0' : '1' });
      return choice.declines ? browser.shown : goThrough(choice);
    },
  });
}

/** Posts a form to a program on this machine. */
export function postTo(url: string, fields: Readonly<Record<string, string>>): Promise<Shown> {
  const form = new URLSearchParams(fields).toString();
  return send((reply) => plainRequest(url, sending(form, {}), reply), form);
}

/** Opens an address of a program on this machine. */
export function getPage(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Shown> {
  return send((reply) => plainRequest(url, sending(undefined, headers), reply), undefined);
}

function sending(form: string | undefined, headers: Readonly<Record<string, string>>) {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: form === undefined ? 'GET' : 'POST', headers: { ...type, ...headers } };
}

function send(
  open: (reply: (message: IncomingMessage) => void) => ReturnType<typeof plainRequest>,
  form: string | undefined,
): Promise<Shown> {
  return new Promise((resolve, reject) => {
    const sent = open(async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const entries = Object.entries(reply.headers).map(([name, value]) => [name, `${value}`]);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: reply.statusCode ?? 0, headers: Object.fromEntries(entries), text });
    });
    sent.on('error', reject);
    sent.end(form);
  });
}
