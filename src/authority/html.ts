/** Markup that is safe to send; only `html` makes it. */
export interface Html {
  readonly kind: 'html';
  readonly text: string;
}

type Part = string | Html | readonly Html[] | undefined;

/** Markup with every text in it escaped, for elements and for attributes in double quotes. */
export function html(markup: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = markup.reduce((made, piece, index) => `${made}${textOf(parts[index - 1])}${piece}`);
  return { kind: 'html', text };
}

function textOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return escaped(part);
  return 'kind' in part ? part.text : part.map(({ text }) => text).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
