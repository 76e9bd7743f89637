import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { seededRandom } from '#kernel/random.ts';
import { isPassword, passwordHashOf } from './password.ts';

const hash = await passwordHashOf('right horse', seededRandom('password'));

test('the right password is told from a wrong one, and from that of nobody', async () => {
  assert.equal(await isPassword('right horse', hash), true);
  assert.equal(await isPassword('wrong horse', hash), false);
  assert.equal(await isPassword('right horse', undefined), false);
  assert.equal(await isPassword('right horse', 'plain$right horse'), false);
});

test('many passwords at once are judged one by one, and leave room for signing', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let judged = 0;
  const words = Array.from({ length: 12 }, (_, nth) => (nth % 3 === 0 ? 'right horse' : 'guess'));
  const checks = words.map(async (word) => {
    const isRight = await isPassword(word, hash);
    judged += 1;
    return isRight;
  });
  await promisify(sign)('RSA-SHA256', Buffer.from('token'), privateKey);
  assert.ok(judged < words.length / 2, `${judged} were judged before a token was signed`);
  assert.deepEqual(
    await Promise.all(checks),
    words.map((word) => word === 'right horse'),
  );
});
