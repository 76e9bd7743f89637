/**
 * True when an object in a JSON text, at any depth, has a name twice: readers disagree on which of
 * the two counts, so a token that relies on it means two things. The text is valid JSON. Linear.
 */
export function hasTwinNames(json: string): boolean {
  const open: (Set<string> | undefined)[] = [];
  let at = 0;
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === '"') {
      const end = endOfString(json, at);
      const names = open.at(-1);
      if (names !== undefined && isName(json, end)) {
        const name: unknown = JSON.parse(json.slice(at, end));
        if (typeof name !== 'string' || names.has(name)) return true;
        names.add(name);
      }
      at = end;
      continue;
    }
    if (character === '{') open.push(new Set());
    if (character === '[') open.push(undefined);
    if (character === '}' || character === ']') open.pop();
    at += 1;
  }
  return false;
}

/** The place after the closing quote. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json.charAt(at) !== '"') at += json.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

/** True when a colon follows. */
function isName(json: string, end: number): boolean {
  let at = end;
  while (' \t\n\r'.includes(json.charAt(at))) at += 1;
  return json.charAt(at) === ':';
}
