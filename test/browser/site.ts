import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import { newSigningKey } from '#authority/new-signing-key.ts';
import { machineClock } from '#kernel/clock.ts';
import { machineRandom } from '#kernel/random.ts';

/** What a site of these tests answers at a path. */
export interface Content {
  readonly type: string;
  readonly text: string;
}

/**
 * A site on a free port of this machine for the tests of this file: the application that people sign
 * in to. Returns its origin, which is of the same site as Batten: browsers keep the cookies of
 * another one from hidden frames.
 */
export async function openSite(content: Readonly<Record<string, Content>>): Promise<string> {
  const plain = { type: 'text/plain', text: 'here' };
  const { certificate, privateKeyPem } = await newSigningKey(
    'site',
    machineClock().real(),
    machineRandom(),
  );
  const cert = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
  const server = createServer({ key: privateKeyPem, cert }, (request, response) => {
    const path = new URL(request.url ?? '/', 'https://localhost').pathname;
    const { type, text } = content[path] ?? plain;
    response.writeHead(200, { 'Content-Type': type }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}`;
}
