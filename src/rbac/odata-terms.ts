/**
 * One term of a `$filter`: a comparison (`roleName eq 'Reader'`) or a call (`atScope()`,
 * `assignedTo('...')`).
 */
export interface FilterTerm {
  /** Property or function, as written. */
  readonly name: string;
  readonly kind: 'equals' | 'call';
  /** The literal, unquoted; empty for a call without argument. */
  readonly value: string;
}

/** Longest filter that is read, in characters. */
const filterCharactersMax = 2048;

const term =
  /\s*([A-Za-z][A-Za-z0-9/]*)(?:\s+eq\s+'((?:[^']|'')*)'|\s*\(\s*(?:'((?:[^']|'')*)')?\s*\))\s*/y;
const conjunction = /and\b/iy;

/**
 * Reads the filters that Microsoft.Authorization takes: terms joined by `and`, in one pass.
 * Undefined when it is no such filter.
 */
export function filterTerms(filter: string): readonly FilterTerm[] | undefined {
  if (filter.length > filterCharactersMax) return undefined;
  const terms: FilterTerm[] = [];
  for (let at = 0; ; ) {
    term.lastIndex = at;
    const found = term.exec(filter);
    if (found === null) return undefined;
    const [whole, name = '', compared, argument] = found;
    const value = (compared ?? argument ?? '').replaceAll("''", "'");
    terms.push({ name, kind: compared === undefined ? 'call' : 'equals', value });
    at += whole.length;
    if (at === filter.length) return terms;
    conjunction.lastIndex = at;
    if (!conjunction.test(filter)) return undefined;
    at += 'and'.length;
  }
}
