import { fold } from '#kernel/ids.ts';
import type { Lack } from './reference-lacks.ts';
import type { DeclaredSurface } from './reference-surfaces.ts';
import { markdownTable } from './reference-table.ts';

type DeclaredOperation = DeclaredSurface['operations'][number];

/**
 * The page `docs/reference/parity.md`: every operation that Batten declares with what it takes to be allowed, whether it answers, and
 * what request bodies may not ask for yet. The same lists give the same text.
 */
export function parityPage(surfaces: readonly DeclaredSurface[], lacks: readonly Lack[]): string {
  return [
    introduction,
    totals(surfaces),
    ...surfaces.flatMap((surface) => [
      `## ${surfaceTitles[surface.name] ?? surface.name}`,
      operationTable(surface),
      ...lackList(lacks.filter((lack) => lack.surface === surface.name)),
    ]),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

const introduction = `<!-- Made by \`npm run docs\`; do not edit. A test fails when this page is stale. -->
# What Batten has of Azure

Every operation that Batten declares, read from the declarations that also route, authorize and validate it. **answers** means that it answers as
the linked page says; **501** means that Azure has it and Batten does not yet: after authorization it is refused with \`NotImplemented\`, and nothing is changed.

An action stands in a role's \`actions\`, or in its \`dataActions\` where *(data)* follows it. The Batch service also takes
\`Microsoft.Batch/batchAccounts/listKeys/action\` for everything and \`Microsoft.Batch/batchAccounts/read\` for reading.
*anonymous* needs no token; *any token* needs no role.

A property listed below a table is refused with 501 when it asks for something; a value that says what Azure would do anyway (\`false\`, an empty list) is taken.
Where a word follows, only that word is refused. Query options are not listed; one that Batten lacks is refused the same way.

\`npm run openapi -- FOLDER\` writes the same declarations as OpenAPI 3.1, one document for each surface.`;

/** What people call a surface. */
export const surfaceTitles: Readonly<Record<string, string>> = {
  authority: 'Microsoft Entra ID',
  graph: 'Microsoft Graph',
  arm: 'Azure Resource Manager',
  batch: 'Azure Batch',
};

function totals(surfaces: readonly DeclaredSurface[]): string {
  const counts = surfaces.map(({ name, operations }) => ({
    title: surfaceTitles[name] ?? name,
    all: operations.length,
    answering: operations.filter(answers).length,
  }));
  const sum = counts.reduce(
    (before, one) => ({
      title: '**all**',
      all: before.all + one.all,
      answering: before.answering + one.answering,
    }),
    { title: '**all**', all: 0, answering: 0 },
  );
  const rows = [...counts, sum].map(({ title, all, answering }) => [
    title,
    `${all}`,
    `${answering}`,
    `${all - answering}`,
  ]);
  return markdownTable(['', 'operations', 'answer', '501'], rows);
}

function operationTable({ operations }: DeclaredSurface): string {
  const rows = operations
    .toSorted((one, other) => compareText(sortKey(one), sortKey(other)))
    .map((operation) => [
      `[${operation.id}](${operation.source})`,
      `\`${operation.method} ${operation.path}\``,
      lifetimeOf(operation),
      permissionOf(operation),
      answers(operation) ? 'answers' : '**501**',
    ]);
  return markdownTable(['operation', 'request', 'api-version', 'permission', ''], rows);
}

/** One item for each group of operations, with one below it for each thing that they lack. */
function lackList(lacks: readonly Lack[]): readonly string[] {
  if (lacks.length === 0) return [];
  const groups = Map.groupBy(lacks, ({ operationIds }) => operationIds.join(', '));
  const items = [...groups].map(([operations, group]) => {
    const lines = group.map((lack) => {
      const lifetime = lifetimeOf(lack);
      return `  - \`${lack.what}\`${lifetime === '' ? '' : ` (${lifetime})`}`;
    });
    return [`- ${operations}`, ...lines].join('\n');
  });
  return ['### Lacking in request bodies', items.join('\n')];
}

function answers({ handler }: DeclaredOperation): boolean {
  return handler !== undefined;
}

function permissionOf({ permission }: DeclaredOperation): string {
  if (permission === 'anonymous') return '*anonymous*';
  if (permission.documented.length === 0) return '*any token*';
  return permission.documented
    .map(({ action, plane }) => `\`${action}\`${plane === 'data' ? ' *(data)*' : ''}`)
    .join('<br>');
}

function lifetimeOf({ from, until }: { readonly from?: string; readonly until?: string }): string {
  if (from === undefined) return until === undefined ? '' : `until ${until}`;
  if (until === undefined) return `from ${from}`;
  return from === until ? `only ${from}` : `${from} to ${until}`;
}

/** Operations on one path stand together. */
function sortKey({ path, method, id }: DeclaredOperation): string {
  return `${fold(path)} ${method} ${id}`;
}

function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
