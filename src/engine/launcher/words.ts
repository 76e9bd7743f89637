/** A command line in words, or why it has none. */
export type Words =
  | { readonly words: readonly string[] }
  | { readonly problem: 'empty' | 'unterminatedQuote' };

/**
 * Splits a command line as a POSIX shell splits words, in one pass: blanks separate, single quotes
 * keep everything, double quotes keep all but `\` before `$`, a backquote, `"`, `\` and a line end.
 * Nothing is expanded: `$NAME`, `*` and `~` stay as written.
 * Source: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02
 */
export function splitWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const letter = line.charAt(index);
    if (quote === "'") {
      if (letter === "'") quote = '';
      else word = (word ?? '') + letter;
    } else if (letter === '\\') {
      const next = line.charAt(index + 1);
      if (quote === '"' && !escapedInDoubleQuotes.has(next)) {
        word = (word ?? '') + letter;
      } else {
        if (next !== '\n') word = (word ?? '') + (next === '' ? letter : next);
        index++;
      }
    } else if (quote === '"') {
      if (letter === '"') quote = '';
      else word = (word ?? '') + letter;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      word ??= '';
    } else if (blanks.has(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + letter;
    }
  }
  if (quote !== '') return { problem: 'unterminatedQuote' };
  if (word !== undefined) words.push(word);
  return words.length === 0 ? { problem: 'empty' } : { words };
}

const blanks = new Set([' ', '\t', '\n', '\r']);
const escapedInDoubleQuotes = new Set(['$', '`', '"', '\\', '\n']);
