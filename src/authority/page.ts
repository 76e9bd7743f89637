import { createHash } from 'node:crypto';
import type { Reply } from '#http/operation.ts';
import { type Html, html } from './html.ts';
import type { Texts } from './texts.ts';

/** A page as its maker sees it: a title and what stands in the middle. */
export interface Page {
  readonly texts: Texts;
  readonly title: string;
  /** Name of the tenant, above everything. */
  readonly organization: string | undefined;
  readonly body: Html;
}

/** What a page may do beyond showing itself. */
export interface PageRights {
  /** Where its forms lead in the end; browsers hold redirects after a form to it, too. */
  readonly formActions: readonly string[];
  /** The one script that it may run: the text of its element. */
  readonly script?: string;
  /** The addresses that it shows in frames, and no others. */
  readonly frames?: readonly string[];
}

const style = `:root{color-scheme:light dark;--page:#f3f3f3;--card:#fff;--ink:#1b1b1b;--line:#d0d0d0;--edge:#666;--first:#0b5394;--focus:#0b5394;--wrong:#a80000}
@media (prefers-color-scheme:dark){:root{--page:#121212;--card:#1f1f1f;--ink:#f2f2f2;--line:#444;--edge:#999;--first:#0f5fa8;--focus:#8ab8e6;--wrong:#ff9c9c}}
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:var(--page);color:var(--ink);overflow-wrap:anywhere}
main{box-sizing:border-box;max-width:28rem;margin:6vh auto;padding:2.5rem;background:var(--card);border:1px solid var(--line)}
@media (max-width:30rem){main{margin:0;padding:1.5rem;border:0}body{background:var(--card)}}
h1{font-size:1.5rem;margin:.5rem 0 1rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}dl{margin:.5rem 0 0}label{display:block;margin:.5rem 0}
input[type=email],input[type=password],input[type=text]{box-sizing:border-box;width:100%;padding:.5rem;font:inherit;background:var(--card);color:var(--ink);border:1px solid var(--edge)}
button,input[type=submit]{font:inherit;margin:1rem .5rem 0 0;padding:.4rem 1.5rem;border:1px solid var(--edge);background:var(--card);color:var(--ink);cursor:pointer}
button.first,input.first{background:var(--first);border-color:var(--first);color:#fff}button.tile{display:block;width:100%;margin-right:0;padding:.75rem 1rem;text-align:left;overflow-wrap:anywhere}.tile small{display:block}
[role=alert]{color:var(--wrong)}.who,dt{font-weight:600}dd{margin:0 0 .5rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}`;

const styleHash = hashOf(style);

/** The page as a reply: nothing is loaded, nothing frames it, and no referrer leaves it. */
export function pageReply(page: Page, rights: PageRights, status = 200): Reply {
  const { texts, title, organization, body } = page;
  const document = html`<!doctype html>
<html lang="${texts.language}"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${raw(style)}</style></head>
<body><main>${organization === undefined ? undefined : html`<p><bdi>${organization}</bdi></p>`}${body}</main></body></html>
`;
  return {
    status,
    headers: {
      'Content-Security-Policy': policyOf(rights),
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
    },
    contentType: 'text/html; charset=utf-8',
    text: document.text,
  };
}

function policyOf({ formActions, script, frames = [] }: PageRights): string {
  return [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
    ...(frames.length === 0 ? [] : [`frame-src ${sourcesOf(frames).join(' ')}`]),
    `form-action ${["'self'", ...formActions.map(encodedSource)].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The addresses without their queries, which a source cannot have; each once. */
function sourcesOf(addresses: readonly string[]): readonly string[] {
  const urls = addresses.map((address) => new URL(address));
  return [...new Set(urls.map(({ origin, pathname }) => encodedSource(`${origin}${pathname}`)))];
}

/** The two characters that end a source. */
function encodedSource(source: string): string {
  return source.replaceAll(';', '%3B').replaceAll(',', '%2C');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** Text of ours that is markup already: the style sheet and the one script. */
export function raw(text: string): Html {
  return { kind: 'html', text };
}
