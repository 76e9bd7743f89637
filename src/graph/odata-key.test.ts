import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTarget } from '#http/target.ts';
import { objectKeyOf, withKeySegments } from './odata-key.ts';

const cases: readonly (readonly [string, string])[] = [
  ['/v1.0/users/a', '/v1.0/users/a'],
  ["/v1.0/users('a')", '/v1.0/users/a'],
  ["/v1.0/users('$a@b')/getMemberGroups", '/v1.0/users/%24a%40b/getMemberGroups'],
  ["/v1.0/users('o''hara')", "/v1.0/users/o'hara"],
  ['/v1.0/users(%27a%27)', '/v1.0/users/a'],
  ["/v1.0/users('a%2Fb')", '/v1.0/users/a%2Fb'],
  ["/v1.0/applications(appId='g')/owners", "/v1.0/applications/appId%3D'g'/owners"],
  ['/v1.0/users()', '/v1.0/users()'],
  ['/v1.0/users(a)', '/v1.0/users(a)'],
  ["/v1.0/('a')", "/v1.0/('a')"],
  ["/v1.0/users('a", "/v1.0/users('a"],
];

for (const [raw, path] of cases) {
  test(`${raw} is routed as ${path}`, () => {
    const target = parseTarget(raw);
    assert(target !== undefined);
    assert.equal(withKeySegments(target).path, path);
    assert.equal(`/${withKeySegments(target).segments.join('/')}`, path);
  });
}

test('a key names an object by id, or by appId when it says so', () => {
  assert.deepEqual(objectKeyOf('g'), { by: 'id', value: 'g' });
  assert.deepEqual(objectKeyOf("appId='g'"), { by: 'appId', value: 'g' });
  assert.deepEqual(objectKeyOf("APPID='g'"), { by: 'appId', value: 'g' });
  assert.deepEqual(objectKeyOf("name='g'"), { by: 'id', value: "name='g'" });
});
