import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { type DocumentedOperation, openApiOf } from './openapi.ts';
import { needs } from './operation.ts';

const source = 'https://learn.microsoft.com/a';
const get: DocumentedOperation = {
  id: 'Thing_Get',
  method: 'GET',
  path: '/things/{thingId}',
  permission: needs({ action: 'A/things/read', plane: 'data' }),
  query: ['$select', 'api-version'],
  bodyKind: 'none',
  reply: { 200: 'json', 204: 'empty' },
  source,
  handler: () => undefined,
};

function only(operation: DocumentedOperation, apiVersion?: string) {
  const parts = { title: 'Things', version: '1', operations: [operation] };
  const document = openApiOf(apiVersion === undefined ? parts : { ...parts, apiVersion });
  return Object.values(document.paths).flatMap((methods) => Object.entries(methods));
}

test('an operation keeps its id, method, source, parameters, replies and what it needs', () => {
  assert.deepEqual(only(get), [
    [
      'get',
      {
        operationId: 'Thing_Get',
        externalDocs: { url: source },
        parameters: [
          { name: 'thingId', in: 'path', required: true, schema: { type: 'string' } },
          { name: '$select', in: 'query', required: false, schema: { type: 'string' } },
        ],
        responses: {
          200: { description: 'OK', content: { 'application/json': { schema: {} } } },
          204: { description: 'No Content' },
          default: { description: 'A refusal, in the shape of the surface.' },
        },
        security: [{ bearer: [] }],
        'x-permission': [{ action: 'A/things/read', plane: 'data' }],
      },
    ],
  ]);
});

test('what needs no token says so', () => {
  const [[, operation] = []] = only({ ...get, permission: 'anonymous' });
  assert.deepEqual([operation?.security, operation?.['x-permission']], [[], 'anonymous']);
});

test('an operation without a handler answers 501 and nothing else', () => {
  const { handler: _, ...unbuilt } = get;
  const [[, operation] = []] = only(unbuilt);
  assert.deepEqual(Object.keys(operation?.responses ?? {}), ['501']);
});

const body = Type.Object({ colour: Type.String() });
const bodies: readonly (readonly [Partial<DocumentedOperation>, object | undefined])[] = [
  [{ bodyKind: 'none' }, undefined],
  [
    { bodyKind: 'json', body },
    { required: true, content: { 'application/json': { schema: body } } },
  ],
  [{ bodyKind: 'json' }, { required: false, content: { 'application/json': { schema: {} } } }],
  [
    { bodyKind: 'form' },
    { required: false, content: { 'application/x-www-form-urlencoded': { schema: {} } } },
  ],
  [
    { bodyKind: 'stream' },
    { required: false, content: { 'application/octet-stream': { schema: {} } } },
  ],
];

for (const [change, expected] of bodies) {
  const schema = change.body === undefined ? 'without' : 'with';
  test(`a body of kind ${change.bodyKind} ${schema} a schema is written as such`, () => {
    const [[, operation] = []] = only({ ...get, method: 'POST', ...change });
    assert.deepEqual(operation?.requestBody, expected);
  });
}

test('a document of one api-version holds what exists in it, and every request names it', () => {
  const bounded = { ...get, from: '2023-01-01', until: '2024-01-01' };
  for (const outside of ['2022-12-31', '2024-01-02']) assert.deepEqual(only(bounded, outside), []);
  const [[, operation] = []] = only(bounded, '2024-01-01');
  const version = operation?.parameters.filter(({ name }) => name === 'api-version');
  assert.deepEqual(version, [
    { name: 'api-version', in: 'query', required: true, schema: { const: '2024-01-01' } },
  ]);
});

test('where two share a path and a method, a document of all api-versions has the later one', () => {
  const operations = [
    { ...get, id: 'New', from: '2024-01-01' },
    { ...get, id: 'Old', until: '2023-01-01' },
  ];
  const { paths } = openApiOf({ title: 'Things', version: '1', operations });
  assert.equal(paths['/things/{thingId}']?.['get']?.operationId, 'New');
});

test('a parameter of many segments loses its plus and says what it takes', () => {
  const { paths } = openApiOf({
    title: 'Things',
    version: '1',
    operations: [{ ...get, path: '/{+scope}/things' }],
  });
  assert.deepEqual(Object.keys(paths), ['/{scope}/things']);
  const [scope] = paths['/{scope}/things']?.['get']?.parameters ?? [];
  assert.deepEqual([scope?.name, scope?.description], ['scope', 'Any number of segments.']);
});
