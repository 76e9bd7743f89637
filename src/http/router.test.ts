import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, operationsOf } from './operation.ts';
import { routerOf } from './router.ts';
import { below, decodeSegment, parseQuery, parseTarget, queryValue } from './target.ts';

const operation = operationsOf<undefined, undefined>();

function declared(method: 'GET' | 'PUT', path: string, from?: string, until?: string) {
  return operation({
    id: `${method} ${path}`,
    method,
    path,
    permission: 'anonymous',
    reply: {},
    source: 'test',
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  });
}

function find(paths: readonly string[], target: string) {
  const operations = paths.map((path) => declared('GET', path));
  const router = routerOf(bind(operations, undefined));
  const parsed = parseTarget(target);
  assert.ok(parsed !== undefined);
  const found = router.find(parsed.segments);
  if (found === undefined || found === 'malformed') return found;
  return { path: found.operations[0]?.path, params: { ...found.params } };
}

const jobs = '/jobs/{jobId}/tasks/{taskId}/files/{filePath}';

test('a parameter is one raw segment, decoded once', () => {
  assert.deepEqual(find([jobs], '/jobs/J/tasks/t/files/wd%2Fa%20b.txt'), {
    path: jobs,
    params: { jobId: 'J', taskId: 't', filePath: 'wd/a b.txt' },
  });
  assert.deepEqual(find([jobs], '/JOBS/J/Tasks/t/FILES/%252e'), {
    path: jobs,
    params: { jobId: 'J', taskId: 't', filePath: '%2e' },
  });
});

test('no spelling of a path reaches another operation', () => {
  const rows = [
    '//jobs/J/tasks/t/files/x',
    '/jobs//tasks/t/files/x',
    '/jobs/J/tasks/t/files/x/',
    '/jobs/J/tasks/t/files/wd/x',
    '/jobs%2FJ/tasks/t/files/x',
    '/x/../jobs/J/tasks/t/files/x',
  ];
  for (const target of rows) assert.equal(find([jobs], target), undefined, target);
});

test('a literal wins over a parameter, and the parameter is tried when the literal leads nowhere', () => {
  const paths = ['/jobs/lifetime', '/jobs/{jobId}/tasks'];
  assert.equal((find(paths, '/jobs/lifetime') as { path: string }).path, '/jobs/lifetime');
  assert.deepEqual(find(paths, '/jobs/lifetime/tasks'), {
    path: '/jobs/{jobId}/tasks',
    params: { jobId: 'lifetime' },
  });
});

test('key segments are matched by their literal parts', () => {
  const paths = [
    '/certificates(thumbprintAlgorithm={algorithm},thumbprint={thumbprint})',
    "/users('{id}')",
    '/users/{id}',
  ];
  assert.deepEqual(find(paths, '/certificates(ThumbprintAlgorithm=sha1,Thumbprint=AB)'), {
    path: paths[0],
    params: { algorithm: 'sha1', thumbprint: 'AB' },
  });
  assert.deepEqual(find(paths, "/users('a%40b')"), { path: paths[1], params: { id: 'a@b' } });
  assert.equal(find(paths, '/certificates(thumbprint=AB)'), undefined);
});

test('a scope in front takes any number of segments and ends before the last /providers/', () => {
  const path = '/{+scope}/providers/Microsoft.Authorization/roleAssignments/{name}';
  const at = (scope: string) => `${scope}/providers/Microsoft.Authorization/roleAssignments/n`;
  assert.deepEqual(find([path], at('')), { path, params: { scope: '/', name: 'n' } });
  const nested = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/a';
  assert.deepEqual(find([path], at(nested)), { path, params: { scope: nested, name: 'n' } });
  const twice = at(at('/subscriptions/s'));
  assert.deepEqual(find([path], twice), {
    path,
    params: { scope: at('/subscriptions/s'), name: 'n' },
  });
  assert.equal(find([path], at('/subscriptions/a%2Fb')), 'malformed');
});

test('an escape that cannot be decoded is malformed, not another route', () => {
  assert.equal(find(['/jobs/{jobId}'], '/jobs/%zz'), 'malformed');
  assert.equal(find(['/jobs/{jobId}'], '/jobs/%00'), 'malformed');
});

test('one path holds several methods and api-version ranges, but no two that clash', () => {
  const old = declared('GET', '/certificates', undefined, '2024-07-01.20.0');
  const fresh = declared('GET', '/certificates', '2025-06-01');
  const router = routerOf(bind([old, fresh, declared('PUT', '/certificates')], undefined));
  const found = router.find(['certificates']);
  assert.ok(found !== undefined && found !== 'malformed');
  assert.equal(found.operations.length, 3);
  assert.throws(
    () => routerOf(bind([old, declared('GET', '/certificates')], undefined)),
    /two operations/,
  );
});

test('a target is parsed from its raw text once', () => {
  const target = parseTarget('/batch/acct//jobs?a=1?b');
  assert.deepEqual(target?.segments, ['batch', 'acct', '', 'jobs']);
  assert.equal(target?.query, 'a=1?b');
  assert.ok(target !== undefined);
  assert.equal(below(target, 2).path, '//jobs');
  for (const raw of ['*', 'jobs', '/jobs\\x', '/a b', '/a\u0000'])
    assert.equal(parseTarget(raw), undefined);
});

test('query names are found without regard to case, values are decoded once', () => {
  const query = parseQuery('api-version=1&%24Filter=a%20eq+b&flag');
  assert.ok(query !== undefined);
  assert.equal(queryValue(query, '$filter'), 'a eq b');
  assert.equal(queryValue(query, 'FLAG'), '');
  assert.equal(queryValue(query, 'absent'), undefined);
  assert.equal(parseQuery('a=%f'), undefined);
  assert.equal(decodeSegment('%E0%A4%A'), undefined);
});
