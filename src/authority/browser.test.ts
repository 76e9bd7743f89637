import assert from 'node:assert/strict';

/*
 * A browser without scripts for the tests of the pages: it keeps cookies, finds forms and sends
 * them. This file holds no test of its own.
 */

/** What one request gave. */
export interface Shown {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export type Fetch = (asked: {
  readonly path: string;
  readonly form?: string;
  readonly headers: Readonly<Record<string, string>>;
}) => Promise<Shown>;

export interface Browser {
  /** The page or redirect that was answered last. */
  readonly shown: Shown;
  cookie: string | undefined;
  /** Closes the browser, which ends the cookies without a time of their own. */
  reopen(): void;
  open(path: string): Promise<Shown>;
  /** Sends a form that no page showed. */
  post(path: string, form: string): Promise<Shown>;
  /** Sends the one form of the page with these fields filled in or buttons pressed. */
  submit(fields: Readonly<Record<string, string>>): Promise<Shown>;
}

export function openBrowser(fetch: Fetch): Browser {
  let shown: Shown = { status: 0, headers: {}, text: '' };
  const staying = new Set<string>();
  const go = async (path: string, form?: string): Promise<Shown> => {
    const headers = browser.cookie === undefined ? {} : { cookie: browser.cookie };
    shown = await fetch({ path, headers, ...(form === undefined ? {} : { form }) });
    const given = shown.headers['Set-Cookie'] ?? shown.headers['set-cookie'];
    if (given !== undefined) keep(given.split('\n'));
    return shown;
  };
  /** Takes the cookies that are given beside those of other names. */
  const keep = (given: readonly string[]) => {
    const kept = new Map((browser.cookie?.split('; ') ?? []).map((one) => [nameOf(one), one]));
    for (const line of given) {
      const [pair = ''] = line.split(';');
      kept.set(nameOf(pair), pair);
      if (line.includes('Max-Age=')) staying.add(nameOf(pair));
      else staying.delete(nameOf(pair));
    }
    browser.cookie = [...kept.values()].join('; ');
  };
  const browser: Browser = {
    get shown() {
      return shown;
    },
    cookie: undefined,
    reopen: () => {
      const kept = (browser.cookie?.split('; ') ?? []).filter((one) => staying.has(nameOf(one)));
      browser.cookie = kept.length === 0 ? undefined : kept.join('; ');
    },
    open: (path) => go(path),
    post: (path, form) => go(path, form),
    submit: (fields) => {
      const { action, hidden } = formOf(shown.text);
      return go(action, new URLSearchParams({ ...hidden, ...fields }).toString());
    },
  };
  return browser;
}

function nameOf(cookie: string): string {
  return cookie.split('=')[0] ?? '';
}

/** The one form of a page: where it goes, and what it carries by itself. */
export function formOf(page: string): {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
} {
  const forms = [...page.matchAll(/<form method="post"[^>]* action="([^"]*)"/g)];
  assert.equal(forms.length, 1, `one form in ${page}`);
  const inputs = page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  const hidden = [...inputs].map(([, name = '', value = '']) => [name, plain(value)] as const);
  return { action: plain(forms[0]?.[1] ?? ''), hidden: Object.fromEntries(hidden) };
}

function plain(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** What a redirect carries back to the application. */
export function answerOf(shown: Shown): URLSearchParams {
  const location = shown.headers['Location'] ?? shown.headers['location'];
  assert.ok(location !== undefined, `a redirect, not ${shown.status} ${shown.text}`);
  const { search, hash } = new URL(location);
  return new URLSearchParams(search === '' ? hash.slice(1) : search);
}
