import { sign } from 'node:crypto';
import { openSeal, pathsIn } from '#app/data-folder.ts';
import { openSigningKeys, type SigningKey } from '#authority/keys.ts';
import { machineClock } from '#kernel/clock.ts';
import { machineRandom } from '#kernel/random.ts';
import { openSqliteForReading } from '#store/sqlite.ts';

/** What can be made with the keys that only the server has, or should have. */
export interface Forge {
  readonly key: SigningKey;
  /** A token with the server's own signature over whatever is written here. */
  sign(payload: string | object, header?: object): string;
}

/** Opens the signing key of the public cloud in a data folder, as an attacker who has the folder would. */
export async function openForge(dataFolder: string): Promise<Forge> {
  const random = machineRandom();
  const seal = await openSeal(dataFolder, undefined, random);
  const reading = openSqliteForReading(pathsIn(dataFolder).database);
  try {
    const store = {
      ...reading,
      read: reading.read.bind(reading),
      write: noWriting,
      close: noClosing,
    };
    const keys = await openSigningKeys({ store, seal, random, clock: machineClock() });
    const key = keys.signingKey('public');
    return {
      key,
      sign(payload, header = { typ: 'JWT', alg: 'RS256', x5t: key.keyId, kid: key.keyId }) {
        const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
        const signed = `${encoded(JSON.stringify(header))}.${encoded(text)}`;
        const signature = sign('sha256', Buffer.from(signed), key.privateKey);
        return `${signed}.${signature.toString('base64url')}`;
      },
    };
  } finally {
    await reading.close();
  }
}

const noWriting = () => Promise.reject(new Error('a forger only reads'));
const noClosing = async () => {};

/** A part of a token. */
export function encoded(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** The parts of a token, its JSON as text. */
export function partsOf(
  token: string,
): readonly [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const text = (part: string) => Buffer.from(part, 'base64url').toString();
  return [text(header), text(payload), signature];
}

/** The claims of a token. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(partsOf(token)[1]) as Readonly<Record<string, unknown>>;
}
