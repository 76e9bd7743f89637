import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { OAuth2Server } from 'oauth2-mock-server';
import Provider from 'oidc-provider';

/**
 * The server of one rival, for `bench/token.ts`: over HTTPS with the given key, giving tokens of the client credentials grant that are
 * signed with RS256. Prints its address. `node bench/token-rivals.ts NAME KEY_FILE CERTIFICATE_FILE`
 */
const [name = '', keyFile = '', certificateFile = ''] = process.argv.slice(2);

const listener = await rivalNamed(name);
const server = createServer(
  { key: readFileSync(keyFile), cert: readFileSync(certificateFile) },
  listener.handle,
);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`https://localhost:${port}${listener.path}\n`);
});

interface Rival {
  readonly handle: RequestListener;
  readonly path: string;
}

async function rivalNamed(asked: string): Promise<Rival> {
  switch (asked) {
    case 'oidc-provider':
      return oidcProvider();
    case 'oauth2-mock-server':
      return mockServer();
    case 'bare-node':
      return bareNode();
  }
  throw new Error(`no rival is named ${asked}`);
}

/** Reads the form, judges nothing, and signs a text as long as a token: no server on Node's HTTPS can do with less. */
function bareNode(): Rival {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const head = Buffer.from(`head.${'x'.repeat(1100)}`);
  return {
    path: '/token',
    handle: (request, response) => {
      request.resume().once('end', () => {
        sign('RSA-SHA256', head, privateKey, (_error, signature) => {
          const body = JSON.stringify({
            access_token: `${head}.${signature.toString('base64url')}`,
          });
          response.writeHead(200, { 'Content-Length': body.length }).end(body);
        });
      });
    },
  };
}

function oidcProvider(): Rival {
  const provider = new Provider('https://localhost', {
    clients: [
      {
        client_id: 'bench',
        client_secret: 'bench-secret',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    scopes: ['read'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'https://api.example',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'read',
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  return { handle: provider.callback(), path: '/token' };
}

async function mockServer(): Promise<Rival> {
  const mock = new OAuth2Server();
  await mock.issuer.keys.generate('RS256');
  mock.issuer.url = 'https://localhost';
  return { handle: mock.service.requestHandler as RequestListener, path: '/token' };
}
