import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnavailableError } from '#kernel/fault.ts';
import { contoso, openWorld, worker } from './world.test.ts';

const request = {
  path: `/${contoso.tenantId}/oauth2/v2.0/token`,
  form: {
    grant_type: 'client_credentials',
    client_id: worker.appId,
    client_secret: worker.secretText,
    scope: 'https://batch.core.windows.net//.default',
  },
};

const troubles = [
  ['a store that cannot answer', new UnavailableError('busy'), 503, 'temporarily_unavailable'],
  ['a bug', new TypeError('undefined is not a function'), 500, 'server_error'],
] as const;

for (const [name, trouble, status, error] of troubles) {
  test(`${name} is 90033 with ${status}, says nothing of its cause, and is over when it is over`, async (t) => {
    const world = await openWorld(t);
    const fails = () => Promise.reject(trouble);
    const broken = [
      t.mock.method(world.store, 'read', fails),
      t.mock.method(world.store, 'write', fails),
    ];
    const answer = await world.send(request);
    assert.deepEqual(
      [answer.status, answer.json.error, answer.json.error_codes],
      [status, error, [90033]],
    );
    assert.ok(!JSON.stringify(answer.json).includes(trouble.message));
    for (const method of broken) method.mock.restore();
    assert.equal((await world.send(request)).status, 200);
  });
}
