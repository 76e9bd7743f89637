import { globalAgent } from 'node:https';
import { openPerson } from './person.ts';

/** What a program under `batten run` opens as the browser of its person: she signs in as the ready user. Argument: the address. */

const [url = ''] = process.argv.slice(2);
const env = { ...process.env, BATTEN_URL: new URL(url).origin };
await openPerson({ batten: { env, agent: globalAgent } }).walkBack(url);
