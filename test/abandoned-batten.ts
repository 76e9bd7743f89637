import { test } from 'node:test';
import { startChildBatten } from '#app/child-batten.ts';

/*
 * A file of tests that starts a Batten and never stops it: it throws before it could, as broken tests do, or waits to be killed.
 */
test('a test that passes', () => {});
const { dataFolder } = await startChildBatten();
process.stdout.write(`abandoned ${dataFolder}\n`);
if (process.argv[2] === 'throws') throw new Error('nothing stops the Batten');
setInterval(() => {}, 1000);
