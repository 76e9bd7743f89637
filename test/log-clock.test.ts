import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { instant, isoOf, parseInstant } from '#kernel/instant.ts';
import { codeShown, openPerson } from './attacks/person.ts';
import { openAttackedWorld } from './attacks/world.ts';

const world = await openAttackedWorld();

interface Recorded {
  readonly kind: string;
  readonly surface: string;
  readonly at: string;
}

/** The events that were recorded last, once all are written. */
async function recorded(count: number, token: string): Promise<readonly Recorded[]> {
  // Asking for the log writes what waits.
  const { status } = await world.ask({ target: '/v1.0/auditLogs/signIns?$top=1', token });
  assert.equal(status, 200);
  const database = new DatabaseSync(join(world.dataFolder, 'batten.db'), { readOnly: true });
  try {
    const rows = database
      .prepare('SELECT * FROM recorded_event ORDER BY sequence DESC LIMIT ?')
      .all(count);
    return rows.map(({ kind, surface, recorded_at: at }) => ({
      kind: `${kind}`,
      surface: `${surface}`,
      at: isoOf(instant(Number(at))),
    }));
  } finally {
    database.close();
  }
}

test('every log of a tenant is in the time of its clock', async () => {
  const arm = await world.tokenFor('https://management.azure.com/');
  const at = parseInstant('2031-05-06T07:00:00Z');
  assert.ok(at !== undefined);
  await world.moveClock({ kind: 'set', at });
  await world.moveClock({ kind: 'freeze' });
  const graphToken = await world.tokenFor('https://graph.microsoft.com');
  const wrong = { grant_type: 'client_credentials', client_id: world.env['AZURE_CLIENT_ID'] ?? '' };
  assert.equal((await world.token({ ...wrong, client_secret: 'guess' })).status, 401);
  const person = openPerson(world);
  assert.equal(codeShown(await person.authorize({ client_id: 'nobody' })), 'AADSTS700016');
  const group = { displayName: 'dated', mailNickname: 'dated', mailEnabled: false };
  const made = await world.ask({
    target: '/v1.0/groups',
    token: graphToken,
    json: { ...group, securityEnabled: true },
  });
  assert.equal(made.status, 201, JSON.stringify(made.json));
  const target = '/subscriptions?api-version=2022-12-01';
  assert.equal((await world.ask({ target, token: arm })).status, 401);
  const events = await recorded(20, graphToken);
  const dated = events.filter((one) => one.at.startsWith('2031-05-06T07:00'));
  const kinds = new Set(dated.map(({ kind, surface }) => `${kind} ${surface}`));
  const expected = ['activity graph', 'refusal arm', 'signIn authority'];
  assert.deepEqual([...kinds].sort(), expected);
  assert.equal(dated.filter(({ kind }) => kind === 'signIn').length, 3);
});
