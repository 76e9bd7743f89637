import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Provider, { type Configuration, type JWK } from 'oidc-provider';
import { openCertificates } from '#app/certificates.ts';
import { machineClock } from '#kernel/clock.ts';
import { machineRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';

/** An issuer that knows nothing of Entra ID or Batten: oidc-provider behind TLS on a free port. */
export interface OutsideIssuer {
  readonly issuer: string;
  /** The root that its certificate leads to, in PEM. */
  readonly roots: string;
  /** An access token of a client for an audience, by the client credentials grant. */
  token(client: OutsideClient, audience: string): Promise<string>;
  /** Forgets its signing key and makes another. */
  changeKeys(): void;
  close(): Promise<void>;
}

/** What the issuer signs with. */
export type IssuerAlgorithm = 'RS256' | 'ES256';

export interface OutsideClient {
  readonly clientId: string;
  readonly secret: string;
}

/** Starts an issuer with these clients. */
export async function startIssuer(
  clients: readonly OutsideClient[],
  algorithm: IssuerAlgorithm = 'RS256',
): Promise<OutsideIssuer> {
  const { roots, pair } = await localCertificate();
  let answer: RequestListener = (_request, response) => void response.writeHead(503).end();
  const tls = { cert: pair.certificate, key: pair.privateKey };
  const server = createServer(tls, (request, response) => answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
  let keys = 0;
  const changeKeys = (): void => {
    const provider = new Provider(issuer, configuration(clients, `key-${++keys}`, algorithm));
    answer = provider.callback();
  };
  changeKeys();
  return {
    issuer,
    roots,
    changeKeys,
    token: (client, audience) => tokenOf(issuer, roots, client, audience),
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function configuration(
  clients: readonly OutsideClient[],
  kid: string,
  alg: IssuerAlgorithm,
): Configuration {
  const { privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return {
    clientDefaults: { id_token_signed_response_alg: alg },
    jwks: { keys: [jwk as JWK] },
    clients: clients.map(({ clientId, secret }) => ({
      token_endpoint_auth_method: 'client_secret_post',
      client_id: clientId,
      client_secret: secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    ttl: { ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, audience) => ({
          scope: 'jobs',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg } },
        }),
      },
    },
  };
}

/** A certificate for localhost, made as Batten makes its own. */
async function localCertificate() {
  const folder = await mkdtemp(join(tmpdir(), 'batten-issuer-'));
  try {
    const random = machineRandom();
    const seal = sealWith(random.bytes(32), random);
    const parts = { folder, machineNames: ['localhost'], seal, clock: machineClock(), random };
    const certificates = await openCertificates(parts);
    const pair = await certificates.certificateFor('localhost');
    if (pair === undefined) throw new Error('there is no certificate for localhost');
    return { roots: certificates.roots, pair };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function tokenOf(
  issuer: string,
  ca: string,
  { clientId, secret }: OutsideClient,
  audience: string,
): Promise<string> {
  const form = new URLSearchParams({
    ...{ grant_type: 'client_credentials', client_id: clientId, client_secret: secret },
    ...{ resource: audience, scope: 'jobs' },
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers, ca, agent: false } as const;
    const asked = request(`${issuer}/token`, options, async (reply) => {
      const text = Buffer.concat(await reply.toArray()).toString();
      if (reply.statusCode === 200) resolve(JSON.parse(text).access_token);
      else reject(new Error(text));
    });
    asked.on('error', reject);
    asked.end(form.toString());
  });
}
