import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

/** A request as the fake service received it. */
export interface SeenRequest {
  readonly method: string;
  /** The raw target. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the fake service says; `hangUp` cuts the connection without an answer. */
export type FakeAnswer =
  | 'hangUp'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly json?: unknown;
      readonly text?: string;
    };

export interface FakeService extends AsyncDisposable {
  /** `https://localhost:PORT`. */
  readonly url: string;
  /** Trusts the fake's certificate, and nothing else. */
  readonly agent: Agent;
  readonly seen: readonly SeenRequest[];
}

/** An HTTPS server for tests of this room: `answer` is asked for every request, with how many came before it. */
export async function fakeService(
  answer: (request: SeenRequest, before: number) => FakeAnswer,
): Promise<FakeService> {
  const { certificate, privateKey } = await selfSigned();
  const seen: SeenRequest[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, async (raw, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of raw) chunks.push(chunk as Buffer);
    const { method = '', url: target = '', headers } = raw;
    const request = { method, target, headers, body: Buffer.concat(chunks).toString('utf8') };
    const said = answer(request, seen.push(request) - 1);
    if (said === 'hangUp') {
      raw.socket.destroy();
      return;
    }
    response.writeHead(said.status, said.headers);
    response.end(said.json === undefined ? said.text : JSON.stringify(said.json));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ ca: certificate, keepAlive: true });
  return {
    url: `https://localhost:${port}`,
    agent,
    seen,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function selfSigned(): Promise<{
  readonly certificate: string;
  readonly privateKey: string;
}> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2049-01-01T00:00:00Z'),
    extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    certificate: certificate.toString('pem'),
    privateKey: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}
