/** A source file with everything blanked that is not code, and the modules that it names. */
export interface SourceText {
  /** The text, same length, with comments and the contents of strings and patterns as spaces. */
  readonly code: string;
  readonly modules: readonly NamedModule[];
}

/** One module named by import, export-from, dynamic import or import.meta.resolve. */
export interface NamedModule {
  readonly specifier: string;
  /** What stands between `import` and `from`, empty where there is no such clause. */
  readonly clause: string;
  readonly line: number;
}

const moduleForms: readonly RegExp[] = [
  /\b(?:import|export)\b(?<clause>[^;'"`()=]*?)\bfrom\s*(?<quote>['"])/g,
  /\bimport\s*(?<quote>['"])/g,
  /\bimport\s*\(\s*(?<quote>['"`])/g,
  /\bimport\s*\.\s*meta\s*\.\s*resolve\s*\(\s*(?<quote>['"`])/g,
];

/** Reads TypeScript without a parser: enough to tell code from comments, strings and patterns. */
export function readSource(text: string): SourceText {
  const code = blankAllButCode(text);
  const modules = moduleForms.flatMap((form) =>
    [...code.matchAll(form)].map((match) => {
      const start = match.index + match[0].length;
      const end = code.indexOf(match.groups?.quote ?? '', start);
      return {
        specifier: text.slice(start, end),
        clause: match.groups?.clause ?? '',
        line: lineAt(text, match.index),
      };
    }),
  );
  return { code, modules };
}

/** The number, from 1, of the line that holds the character at `offset`. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

const literal =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|[`{}]|\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y;
const templateChunk = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{|$)/y;
const beforePattern = /(?:^|[(,=:[!&|?{};+*%<>~^-]|\b(?:return|typeof|case|in|of|await|yield))\s*$/;

function blankAllButCode(text: string): string {
  let code = '';
  // One entry for each open template; it counts the braces open inside its current `${`.
  const templates: number[] = [];
  let at = 0;
  const blank = (end: number, keepFrom: number, keepTo: number) => {
    for (; at < end; at++) {
      const kept = at < keepFrom || at >= keepTo || text[at] === '\n';
      code += kept ? text[at] : ' ';
    }
  };
  const enterTemplate = (start: number) => {
    templateChunk.lastIndex = start;
    const end = start + (templateChunk.exec(text)?.[0].length ?? 0);
    const opens = text.endsWith('${', end);
    blank(end, start, end - (opens ? 2 : 1));
    if (opens) templates.push(0);
  };

  while (at < text.length) {
    literal.lastIndex = at;
    const found = literal.exec(text)?.[0] ?? '';
    const depth = templates.at(-1);
    if (found === '`') {
      enterTemplate(at + 1);
    } else if (found === '}' && depth === 0) {
      templates.pop();
      enterTemplate(at + 1);
    } else if (found === '{' || found === '}') {
      if (depth !== undefined) templates[templates.length - 1] = depth + (found === '{' ? 1 : -1);
      code += text[at++];
    } else if (found.startsWith('//') || found.startsWith('/*')) {
      blank(at + found.length, at, at + found.length);
    } else if (found.startsWith('/') && !beforePattern.test(code.slice(-200))) {
      code += text[at++];
    } else if (found !== '') {
      blank(at + found.length, at + 1, at + found.length - 1);
    } else {
      code += text[at++];
    }
  }
  return code;
}
