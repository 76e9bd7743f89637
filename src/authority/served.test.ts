import type { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { TestContext } from 'node:test';
import { connect } from 'node:tls';
import type { ClientSecretCredentialOptions } from '@azure/identity';
import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';
import 'reflect-metadata';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { frontDoor } from '#http/front-door.ts';
import { listen } from '#http/listen.ts';
import { silentLog } from '#kernel/log.ts';
import { seededRandom } from '#kernel/random.ts';
import { type Browser, openBrowser, type Shown } from './browser.test.ts';
import { reachOf, type World } from './world.test.ts';

/*
 * A world behind a real listener, for clients that nobody here wrote. This file holds no test of
 * its own.
 */

/** Where a world is served, and how a client gets there. */
export interface Served {
  readonly port: number;
  /**
   * Takes every host name to the server, over TLS that is checked against the test's own
   * certificate.
   */
  readonly agent: Agent;
}

/** Puts a world behind a real listener. */
export async function listenFor(t: TestContext, world: World): Promise<Served> {
  const pair = await serverCertificate();
  const secure = frontDoor({
    reachOf: (host) => reachOf(`https://${host}`),
    surfaces: new Map([['authority', world.surface]]),
    clock: world.clock,
    random: seededRandom('requests'),
    log: silentLog,
  });
  const parts = { secure, plain: secure, certificateFor: async () => pair };
  const listener = await listen(parts, '127.0.0.1', 0);
  t.after(() => listener.close(0));
  const agent = Object.assign(new Agent({ keepAlive: false }), {
    createConnection: (options: { readonly servername?: string; readonly host?: string }) =>
      connect({
        host: '127.0.0.1',
        port: listener.port,
        servername: options.servername ?? options.host ?? '',
        ca: pair.certificate,
      }),
  });
  return { port: listener.port, agent };
}

const loginNames = [
  'login.microsoftonline.com',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn',
  'localhost',
];

async function serverCertificate() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const names = loginNames.map((value) => ({ type: 'dns' as const, value }));
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=test',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names)],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  return { certificate: certificate.toString('pem'), privateKey };
}

/** How MSAL sends its requests to that listener. */
export function networkOf(agent: Agent): INetworkModule {
  const send = <T>(method: string, url: string, options: NetworkRequestOptions = {}) =>
    new Promise<NetworkResponse<T>>((resolve, reject) => {
      const { headers = {}, body } = options;
      const sent = request(url, { method, headers, agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const json: T = JSON.parse(Buffer.concat(chunks).toString());
          resolve({ headers: {}, body: json, status: response.statusCode ?? 0 });
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    sendGetRequestAsync: (url, options) => send('GET', url, options),
    sendPostRequestAsync: (url, options) => send('POST', url, options),
  };
}

/** A browser that speaks real HTTP to that listener, for one origin. */
export function browserOf(agent: Agent, origin: string): Browser {
  return openBrowser(({ path, form, headers }) =>
    sendForm(request, `${origin}${path}`, form, headers, agent),
  );
}

/** Sends one request as a browser does: a form by POST, or a GET without one. */
export function sendForm(
  requestOf: typeof request | typeof plainRequest,
  url: string,
  form: string | undefined,
  headers: Readonly<Record<string, string>>,
  agent?: Agent,
): Promise<Shown> {
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const options = { method: form === undefined ? 'GET' : 'POST', headers: { ...type, ...headers } };
  return new Promise((resolve, reject) => {
    const sent = requestOf(url, agent === undefined ? options : { ...options, agent });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const entries = Object.entries(response.headers).map(([name, value]) => [name, `${value}`]);
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(entries), text });
      });
    });
    sent.on('error', reject);
    sent.end(form);
  });
}

/** How a credential of @azure/identity sends its requests to that listener, and sends them once. */
export function identityOptionsOf(agent: Agent): ClientSecretCredentialOptions {
  const takeToTheTestServer: PipelinePolicy = {
    name: 'takeToTheTestServer',
    sendRequest: (sent, next) => {
      sent.agent = agent;
      return next(sent);
    },
  };
  const additionalPolicies = [{ position: 'perRetry', policy: takeToTheTestServer } as const];
  return { additionalPolicies, retryOptions: { maxRetries: 0 } };
}

type PipelinePolicy = NonNullable<
  ClientSecretCredentialOptions['additionalPolicies']
>[number]['policy'];
