import type { Evidence } from '#kernel/fault.ts';
import type { ListedFault } from './reference-constructors.ts';
import { markdownTable } from './reference-table.ts';

/** The page `docs/reference/refusals.md`: every refusal by the file of its constructor, with status, code, evidence and text. */
export function refusalsPage(faults: readonly ListedFault[]): string {
  const files = Map.groupBy(faults, ({ file }) => file);
  return [
    introduction,
    totals(faults),
    ...[...files].flatMap(([file, list]) => [
      `## [${file}](../../src/${file})`,
      markdownTable(['refusal', 'status', 'code', 'evidence', 'text'], list.map(rowOf)),
    ]),
  ]
    .join('\n\n')
    .concat('\n');
}

const introduction = `<!-- Made by \`npm run docs\`; do not edit. A test fails when this page is stale. -->
# How Batten says no

Every refusal that a client of a surface may be told, made by calling its constructor; \`…\` stands where the text repeats something of the request. A constructor that
chooses between texts is shown with one of them. How a refusal is spelled around code and text (AADSTS, Resource Manager, Graph, Batch) is the surface's own affair.

The evidence says how sure we are that Azure answers like this: *recorded* in a real answer, *documented*, or *unverified*: guessed, until somebody records it.
*own* are the refusals for which Azure has no counterpart.`;

const evidences: readonly (Evidence | undefined)[] = [
  'recorded',
  'documented',
  'unverified',
  undefined,
];

function totals(faults: readonly ListedFault[]): string {
  const rows = evidences.map((evidence) => {
    const count = faults.filter(({ fault }) => fault.evidence === evidence).length;
    return [evidenceOf(evidence), `${count}`];
  });
  return markdownTable(['evidence', 'refusals'], rows);
}

function rowOf({ name, fault }: ListedFault): readonly string[] {
  const { status, code, evidence, message } = fault;
  return [name, `${status}`, `\`${code}\``, evidenceOf(evidence), message];
}

function evidenceOf(evidence: Evidence | undefined): string {
  return evidence ?? 'own';
}
