import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { parityPage } from '#app/reference.ts';
import { judgeBatchProperties } from '#app/reference-batch.ts';
import { everyLack, type Lack } from '#app/reference-lacks.ts';
import { type DeclaredSurface, declaredSurfaces } from '#app/reference-surfaces.ts';
import { needs } from '#http/operation.ts';

let surfaces: readonly DeclaredSurface[] = [];
before(async () => {
  surfaces = await declaredSurfaces();
});

const operations = () =>
  surfaces.flatMap(({ name, operations }) =>
    operations.map((operation) => ({ ...operation, name: `${name} ${operation.id}` })),
  );
const named = (which: (one: ReturnType<typeof operations>[number]) => boolean) =>
  operations()
    .filter(which)
    .map(({ name }) => name);

test('docs/reference/parity.md is what npm run docs writes', () => {
  const page = readFileSync(new URL('../docs/reference/parity.md', import.meta.url), 'utf8');
  assert.ok(page === parityPage(surfaces, everyLack()), 'the page is stale: run npm run docs');
});

test('every surface declares operations, each under an id that no other has', () => {
  assert.deepEqual(surfaces.map(({ name }) => name).sort(), ['arm', 'authority', 'batch', 'graph']);
  for (const { name, operations } of surfaces) {
    assert.ok(operations.length > 0, name);
    const ids = operations.map(({ id }) => id);
    const twins = ids.filter((id, index) => ids.indexOf(id) !== index);
    assert.deepEqual(twins, [], `${name} uses an id twice`);
  }
});

test('every operation names the page that it imitates', () => {
  const sourceless = named(({ source }) => URL.parse(source)?.protocol !== 'https:');
  assert.deepEqual(sourceless, []);
});

test('what needs no token is the authority and the list of endpoints', () => {
  const anonymous = named(({ permission }) => permission === 'anonymous');
  const elsewhere = anonymous.filter((name) => !name.startsWith('authority '));
  assert.deepEqual(elsewhere, ['arm Metadata_Endpoints']);
});

test('every operation says which action it needs, but those that Azure answers to any token', () => {
  const roleless = named(
    ({ permission }) => permission !== 'anonymous' && permission.documented.length === 0,
  );
  assert.deepEqual(roleless, [
    'arm Tenants_List',
    'arm Subscriptions_List',
    'arm ProviderOperationsMetadata_List',
    'arm ProviderOperationsMetadata_Get',
    'arm Operations_List',
    'graph batch',
  ]);
});

test('every operation that answers says what a success looks like', () => {
  const silent = named(({ reply, handler }) => {
    const statuses = Object.keys(reply).map(Number);
    if (handler === undefined) return false;
    return statuses.length === 0 || statuses.some((status) => status < 200 || status >= 400);
  });
  assert.deepEqual(silent, []);
});

test('every operation without a handler stands in the table as one that answers 501', () => {
  const page = parityPage(surfaces, []);
  const rows = page.split('\n').filter((line) => line.endsWith('**501** |'));
  const unbuilt = operations().filter(({ handler }) => handler === undefined);
  assert.ok(unbuilt.length > 0);
  assert.equal(rows.length, unbuilt.length);
  for (const { id, method, path } of unbuilt) {
    const found = rows.some(
      (row) => row.includes(`[${id}]`) && row.includes(`${method} ${path}\``),
    );
    assert.ok(found, `${id} is missing`);
  }
});

test('what request bodies lack belongs to operations that are declared and answer', () => {
  for (const { surface, operationIds, what } of everyLack()) {
    const declared = surfaces.find(({ name }) => name === surface)?.operations ?? [];
    for (const id of operationIds) {
      const operation = declared.find((one) => one.id === id);
      assert.ok(operation?.handler, `${surface} ${id}, which lacks ${what}, does not answer`);
    }
  }
});

/** Azure has these and reads them only: a client that sends one is refused as with any name that the type lacks. */
const readOnly = ['virtualMachineConfiguration.imageReference.exactVersion'];

test('no property that Batch documents is refused as if Azure did not have it', () => {
  const unknown = judgeBatchProperties().filter(({ verdict }) => verdict === 'unknown');
  assert.deepEqual(
    unknown.map(({ path }) => path),
    readOnly,
  );
});

test('properties are judged by what becomes of them: taken, lacking, or lacking one word', () => {
  const judged = judgeBatchProperties();
  const verdictOn = (id: string, path: string) =>
    judged.find((one) => one.path === path && one.operationIds.includes(id))?.verdict;
  const expected = {
    'Task_Add commandLine': 'taken',
    'Task_Add multiInstanceSettings': 'lacking',
    'Pool_Add virtualMachineConfiguration.imageReference.publisher': 'taken',
    'Pool_Add virtualMachineConfiguration.diskEncryptionConfiguration': 'lacking',
    'Pool_Resize nodeDeallocationOption: requeue': 'taken',
    'Pool_Resize nodeDeallocationOption: retaineddata': 'lacking',
  };
  for (const [name, verdict] of Object.entries(expected)) {
    const [id = '', path = ''] = name.split(/ (.*)/);
    assert.equal(verdictOn(id, path), verdict, name);
  }
});

test('the page shows id, request, api-versions, permission and answer, and counts them', () => {
  const source = 'https://learn.microsoft.com/a';
  const common = { query: [], bodyKind: 'none', reply: { 200: 'json' }, source } as const;
  const write = needs(
    { action: 'A/things/write', plane: 'data' },
    { action: 'A/things/read', plane: 'control' },
  );
  const surface: DeclaredSurface = {
    name: 'things',
    operations: [
      {
        ...common,
        id: 'Thing_Put',
        method: 'PUT',
        path: '/things/{id}',
        from: '2024-01-01',
        until: '2025-01-01',
        permission: write,
        handler: async () => ({ status: 200 }),
      },
      { ...common, id: 'Thing_List', method: 'GET', path: '/things', permission: 'anonymous' },
    ],
  };
  const lack: Lack = {
    surface: 'things',
    operationIds: ['Thing_Put'],
    what: 'colour: red',
    until: '2024-06-01',
  };
  const lines = parityPage([surface], [lack, { ...lack, surface: 'others' }]).split('\n');
  const at = lines.indexOf('## things');
  assert.deepEqual(lines.slice(at - 3, at - 1), [
    '| things | 2 | 1 | 1 |',
    '| **all** | 2 | 1 | 1 |',
  ]);
  assert.deepEqual(lines.slice(at + 4), [
    `| [Thing_List](${source}) | \`GET /things\` |  | *anonymous* | **501** |`,
    `| [Thing_Put](${source}) | \`PUT /things/{id}\` | 2024-01-01 to 2025-01-01 | \`A/things/write\` *(data)*<br>\`A/things/read\` | answers |`,
    '',
    '### Lacking in request bodies',
    '',
    '- Thing_Put',
    '  - `colour: red` (until 2024-06-01)',
    '',
  ]);
});
