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
}

const style = `body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f3f3f3;color:#1b1b1b}
main{box-sizing:border-box;max-width:28rem;margin:6vh auto;padding:2.5rem;background:#fff;border:1px solid #d0d0d0}
h1{font-size:1.5rem;margin:.5rem 0 1rem}label{display:block;margin:.5rem 0}
input[type=email],input[type=password],input[type=text]{box-sizing:border-box;width:100%;padding:.5rem;font:inherit;border:1px solid #666}
button,input[type=submit]{font:inherit;margin:1rem .5rem 0 0;padding:.4rem 1.5rem;border:1px solid #444;background:#fff;color:#1b1b1b}
button.first,input.first{background:#0b5394;border-color:#0b5394;color:#fff}button.tile{display:block;width:100%;text-align:left}
[role=alert]{color:#a80000}.who{font-weight:600;overflow-wrap:anywhere}dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}
:focus-visible{outline:3px solid #0b5394;outline-offset:2px}`;

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

function policyOf({ formActions, script }: PageRights): string {
  return [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
    `form-action ${["'self'", ...formActions.map(encodedSource)].join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
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
