import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type DeclaredSurface, declaredSurfaces } from '#app/reference-surfaces.ts';
import { openApiOf } from '#http/openapi.ts';

let surfaces: readonly DeclaredSurface[] = [];
before(async () => {
  surfaces = await declaredSurfaces();
});

const documents = () =>
  surfaces.map(({ name, operations }) => ({
    name,
    count: operations.length,
    document: openApiOf({ title: name, version: '1', operations }),
  }));

test('every operation of every surface stands in its document, under an id of its own', () => {
  assert.ok(surfaces.length > 0);
  for (const { name, count, document } of documents()) {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    assert.equal(ids.length, count, name);
    assert.equal(new Set(ids).size, count, name);
  }
});

test('no two paths differ by the names of their parameters alone, which OpenAPI forbids', () => {
  for (const { name, document } of documents()) {
    const shapes = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, '{}'));
    const twins = shapes.filter((shape, index) => shapes.indexOf(shape) !== index);
    assert.deepEqual(twins, [], name);
  }
});

test('the parameters of every path are those of its template, each once', () => {
  for (const { document } of documents()) {
    for (const [path, methods] of Object.entries(document.paths)) {
      assert.match(path, /^\/[^?#]*$/);
      const templated = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters, operationId } of Object.values(methods)) {
        const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        assert.deepEqual(inPath, templated, operationId);
        const keys = parameters.map((one) => `${one.in} ${one.name}`);
        assert.equal(new Set(keys).size, keys.length, operationId);
      }
    }
  }
});

test('every operation has an answer, and no schema refers to what the document does not hold', () => {
  for (const { name, document } of documents()) {
    assert.ok(!JSON.stringify(document).includes('"$ref"'), name);
    for (const methods of Object.values(document.paths)) {
      for (const { operationId, responses } of Object.values(methods)) {
        assert.ok(Object.keys(responses).length > 0, operationId);
      }
    }
  }
});
