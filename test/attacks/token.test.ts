import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { request } from 'node:https';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { connect } from 'node:tls';
import { answerOf } from '#authority/browser.test.ts';
import { newSigningKey } from '#authority/new-signing-key.ts';
import { machineClock } from '#kernel/clock.ts';
import { machineRandom } from '#kernel/random.ts';
import type { Answer, Question } from '../lock/ask.ts';
import { attack } from './attack.ts';
import { claimsOf, encoded, openForge, partsOf } from './forge.ts';
import { proofKey } from './grant-world.ts';
import { openPerson } from './person.ts';
import { leastWork } from './work.ts';
import { type AttackedWorld, openAttackedWorld } from './world.ts';

/*
 * Tokens that are presented to Batch, Resource Manager and Graph: forged, altered, of another
 * audience, cloud or tenant, too old, or sent in ways that no token is sent.
 */

const seedPath = join(import.meta.dirname, 'two-tenants.yaml');
const world = await openAttackedWorld({ seedPath });
const forge = await openForge(world.dataFolder);

const batchVersion = 'api-version=2024-07-01.20.0';
const surfaces = [
  {
    name: 'Batch',
    audience: 'https://batch.core.windows.net/',
    code: 'AuthenticationFailed',
    target: `/batch/${world.account}/jobs?${batchVersion}`,
  },
  {
    name: 'Resource Manager',
    audience: 'https://management.azure.com/',
    code: 'InvalidAuthenticationToken',
    target: '/subscriptions?api-version=2022-12-01',
  },
  {
    name: 'Graph',
    audience: 'https://graph.microsoft.com/',
    code: 'InvalidAuthenticationToken',
    target: '/v1.0/applications',
  },
] as const;

type SurfaceOf = (typeof surfaces)[number];

const genuine = new Map<string, string>();
// Signed anew: Graph's have a nonce in their header, which would hide what is wrong with a changed one.
for (const { name, audience } of surfaces) {
  genuine.set(name, forge.sign(claimsOf(await world.tokenFor(audience))));
}

const tokenOf = ({ name }: SurfaceOf) => genuine.get(name) ?? '';

/** Codes that are more exact than what a surface says of most tokens. */
type SurfaceCodes = Partial<Readonly<Record<SurfaceOf['name'], string>>>;

const otherAudience: SurfaceCodes = { 'Resource Manager': 'InvalidAuthenticationTokenAudience' };

/** Presents a token to every surface: it must be refused there as no token, and change nothing. */
async function refusedEverywhere(
  make: (genuine: string, surface: SurfaceOf) => string,
  { status = 401, codes = {} }: { readonly status?: number; readonly codes?: SurfaceCodes } = {},
): Promise<void> {
  for (const surface of surfaces) {
    const token = make(tokenOf(surface), surface);
    const { target, name } = surface;
    const answer = await world.unchanged(() => askOrHear431({ target, token }));
    assert.equal(answer.status, status, `${name}: ${answer.body}`);
    const code = codes[name] ?? surface.code;
    if (status === 401) assert.match(answer.body, new RegExp(`"code":"${code}"`), name);
    const accepted = await world.ask({ target, token: tokenOf(surface) });
    assert.equal(accepted.status, 200, `${name} still takes its own token`);
  }
}

/** The genuine token with another header, signed anew by the server's own key. */
function withHeader(change: object): (token: string) => string {
  return (token) => {
    const [header, payload] = partsOf(token);
    return forge.sign(payload, { ...JSON.parse(header), ...change });
  };
}

/** The genuine token with other claims, signed anew by the server's own key. */
function withClaims(change: object): (token: string) => string {
  return (token) => forge.sign({ ...claimsOf(token), ...change });
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

attack('JWT-03', async () => {
  const { publicKey, jwk } = forge.key;
  const secrets = [
    publicKey.export({ type: 'spki', format: 'pem' }),
    publicKey.export({ type: 'spki', format: 'der' }),
    Buffer.from(jwk.n, 'base64url'),
  ];
  for (const secret of secrets) {
    await refusedEverywhere((token) => {
      const [header, payload] = partsOf(token);
      const head = encoded(JSON.stringify({ ...JSON.parse(header), alg: 'HS256' }));
      const signed = `${head}.${encoded(payload)}`;
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    });
  }
});

attack('JWT-04', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const ecKeyId = createHash('sha256').update(der).digest('base64url');
  for (const change of [{}, { kid: ecKeyId, x5t: ecKeyId }]) {
    await refusedEverywhere((token) => {
      const [header, payload] = partsOf(token);
      const head = encoded(JSON.stringify({ ...JSON.parse(header), ...change }));
      const signed = `${head}.${encoded(payload)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    });
  }
  await refusedEverywhere((token) => {
    const [header, payload] = partsOf(token);
    const head = encoded(JSON.stringify({ ...JSON.parse(header), alg: 'PS256' }));
    const signed = `${head}.${encoded(payload)}`;
    const key = { key: forge.key.privateKey, padding: 6, saltLength: 32 };
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  });
});

attack('JWT-07', async () => {
  for (const kid of ['../../etc/passwd', "' OR 1=1--"]) {
    await refusedEverywhere(withHeader({ kid, x5t: kid }));
  }
  const long = withHeader({ kid: 'a'.repeat(65_536) });
  await refusedEverywhere(long, { status: 431 });
});

attack('JWT-09', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  for (const more of [{}, { kid: 'attacker', x5t: 'attacker' }]) {
    await refusedEverywhere((token) => {
      const [header, payload] = partsOf(token);
      const head = encoded(JSON.stringify({ ...JSON.parse(header), jwk, ...more }));
      const signed = `${head}.${encoded(payload)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    });
  }
});

attack('JWT-10', async () => {
  const own = await newSigningKey('attacker', machineClock().real(), machineRandom());
  const certificate = own.certificate.toString('base64');
  const thumbprint = createHash('sha1').update(own.certificate).digest('base64url');
  const genuineRoot = forge.key.jwk.x5c[0] ?? '';
  for (const x5c of [[certificate], [certificate, genuineRoot], [genuineRoot, certificate]]) {
    for (const names of [{}, { kid: thumbprint, x5t: thumbprint }]) {
      await refusedEverywhere((token) => {
        const [header, payload] = partsOf(token);
        const more = { ...names, x5c, x5u: world.url };
        const head = encoded(JSON.stringify({ ...JSON.parse(header), ...more }));
        const signed = `${head}.${encoded(payload)}`;
        const signature = sign('sha256', Buffer.from(signed), own.privateKeyPem);
        return `${signed}.${signature.toString('base64url')}`;
      });
    }
  }
});

attack('JWT-11', async () => {
  await refusedEverywhere(
    withHeader({ crit: ['urn:example:extension'], 'urn:example:extension': 1 }),
  );
});

// No skew is forgiven: of a token that lives an hour, `batten clock advance 61m` must show the end.
attack('JWT-12', async () => {
  for (const age of [1, 300, 360]) {
    const exp = nowSeconds() - age;
    for (const surface of surfaces) {
      const token = withClaims({ exp })(tokenOf(surface));
      const { target } = surface;
      const answer = await world.unchanged(() => world.ask({ target, token }));
      assert.equal(answer.status, 401, surface.name);
      const code = {
        Batch: 'AuthenticationFailed',
        'Resource Manager': 'ExpiredAuthenticationToken',
        Graph: 'InvalidAuthenticationToken',
      };
      assert.equal(answer.code, code[surface.name]);
    }
  }
});

attack('JWT-14', async () => {
  const odd: readonly string[] = ['"1999999999"', '1e400', '-1', '1999999999.5', 'null', '[]'];
  for (const exp of odd) {
    const codes = exp === '-1' ? { 'Resource Manager': 'ExpiredAuthenticationToken' } : {};
    await refusedEverywhere(
      (token) => {
        const { exp: _, ...rest } = claimsOf(token);
        return forge.sign(JSON.stringify(rest).replace(/\}$/, `,"exp":${exp}}`));
      },
      { codes },
    );
  }
  await refusedEverywhere((token) => {
    const { exp: _, ...rest } = claimsOf(token);
    return forge.sign(rest);
  });
});

attack('JWT-15', async () => {
  const [batch, manager] = surfaces;
  const answer = await world.unchanged(() =>
    world.ask({ target: batch.target, token: tokenOf(manager) }),
  );
  assert.deepEqual([answer.status, answer.code], [401, 'AuthenticationFailed']);
  assert.match(answer.body, /https:\/\/management\.azure\.com/);
  assert.match(answer.body, /https:\/\/batch\.core\.windows\.net\//);
});

/** The surfaces as the China cloud names them. */
const chinese = {
  Batch: {
    audience: 'https://batch.chinacloudapi.cn/',
    host: `${world.account}.westeurope.batch.chinacloudapi.cn`,
    target: `/jobs?${batchVersion}`,
  },
  'Resource Manager': {
    audience: 'https://management.chinacloudapi.cn/',
    host: 'management.chinacloudapi.cn',
    target: surfaces[1].target,
  },
  Graph: {
    audience: 'https://microsoftgraph.chinacloudapi.cn/',
    host: 'microsoftgraph.chinacloudapi.cn',
    target: surfaces[2].target,
  },
} as const;

attack('JWT-17', async () => {
  const given = new Map<string, string>();
  for (const [name, { audience, host, target }] of Object.entries(chinese)) {
    const { json } = await world.ask({
      host: 'login.chinacloudapi.cn',
      target: `/${world.tenantId}/oauth2/v2.0/token`,
      form: {
        grant_type: 'client_credentials',
        client_id: world.env['AZURE_CLIENT_ID'] ?? '',
        client_secret: world.env['AZURE_CLIENT_SECRET'] ?? '',
        scope: `${audience}/.default`,
      },
    });
    const token = (json as { readonly access_token: string }).access_token;
    assert.equal((await world.ask({ target, host, token })).status, 200, name);
    given.set(name, token);
  }
  await refusedEverywhere((_, { name }) => given.get(name) ?? '');
  await refusedEverywhere((token, { name }) => withClaims({ aud: chinese[name].audience })(token), {
    codes: otherAudience,
  });
  for (const surface of surfaces) {
    const { target, host } = chinese[surface.name];
    const attempt = () => world.ask({ target, host, token: tokenOf(surface) });
    const answer = await world.unchanged(attempt);
    assert.deepEqual([answer.status, answer.code], [401, surface.code]);
  }
});

attack('JWT-18', async () => {
  await refusedEverywhere((token, { audience }) =>
    withClaims({ aud: [audience, 'https://else.example/'] })(token),
  );
});

attack('JWT-19', async () => {
  const fabrikam = await fabrikamClaims();
  const { tid } = fabrikam;
  const iss = `https://sts.windows.net/${tid}/`;
  await refusedEverywhere(withClaims({ iss }));
  await refusedEverywhere(withClaims({ tid, iss }), {
    codes: { Graph: 'Authorization_IdentityNotFound' },
  });
  const wanted = [
    ['Batch', 401, 'AuthenticationFailed', surfaces[0].target],
    [
      'Resource Manager',
      401,
      'InvalidAuthenticationTokenTenant',
      `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}?api-version=2022-12-01`,
    ],
  ] as const;
  for (const [name, status, code, target] of wanted) {
    const aud = surfaces.find((one) => one.name === name)?.audience;
    const token = forge.sign({ ...fabrikam, aud });
    const answer = await world.unchanged(() => world.ask({ target, token }));
    assert.deepEqual([answer.status, answer.code], [status, code], name);
  }
});

/** The claims of a genuine token of the other tenant's own application. */
async function fabrikamClaims(): Promise<Readonly<Record<string, unknown>>> {
  const { json } = await world.token(
    {
      grant_type: 'client_credentials',
      client_id: fabrikamAppId(),
      client_secret: 'fabrikam-secret-of-32-characters',
      scope: 'https://management.azure.com/.default',
    },
    '/fabrikam.example/oauth2/v2.0/token',
  );
  return claimsOf((json as { readonly access_token: string }).access_token);
}

function fabrikamAppId(): string {
  const database = new DatabaseSync(join(world.dataFolder, 'batten.db'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT document FROM application').all();
    const all = rows.map(({ document }) => JSON.parse(`${document}`) as Named);
    return all.find(({ displayName }) => displayName === 'Fabrikam application')?.appId ?? '';
  } finally {
    database.close();
  }
}

interface Named {
  readonly appId: string;
  readonly displayName: string;
}

attack('JWT-21', async () => {
  const iss = `${world.url}/${world.tenantId}/v2.0`;
  // The resource says which version it gets, whatever endpoint gives the token.
  for (const { audience } of surfaces) {
    const { ver, iss: issuer } = claimsOf(await world.tokenFor(audience));
    assert.deepEqual([ver, issuer], ['1.0', `https://sts.windows.net/${world.tenantId}/`]);
  }
  const modern = await world.register('modern', { api: { requestedAccessTokenVersion: 2 } });
  await world.graph.call('PATCH', `/v1.0/applications/${modern.objectId}`, {
    identifierUris: [`api://${modern.appId}`],
  });
  const own = { client_id: world.env['AZURE_CLIENT_ID'] ?? '' };
  const { json } = await world.token(
    {
      ...{ ...own, grant_type: 'client_credentials', resource: `api://${modern.appId}` },
      client_secret: world.env['AZURE_CLIENT_SECRET'] ?? '',
    },
    `/${world.tenantId}/oauth2/token`,
  );
  const given = (json as { readonly access_token: string }).access_token;
  assert.deepEqual([claimsOf(given)['ver'], claimsOf(given)['aud']], ['2.0', modern.appId]);
  await refusedEverywhere(() => given);
  for (const ver of ['2.0', '1.0']) {
    await refusedEverywhere((token, { audience }) => {
      const { appid, ...rest } = claimsOf(token);
      return forge.sign({ ...rest, azp: appid, iss, ver, aud: audience });
    });
  }
});

attack('JWT-24', async () => {
  const plain = await world.register('without roles');
  for (const surface of surfaces) {
    const { json } = await world.token({
      grant_type: 'client_credentials',
      client_id: plain.appId,
      client_secret: plain.secret,
      scope: `${surface.audience}/.default`,
    });
    const token = (json as { readonly access_token: string }).access_token;
    const answer = await world.unchanged(() => world.ask({ target: surface.target, token }));
    const expected = {
      Batch: [403, 'AuthorizationFailure'],
      // A list shows whoever asks what she may see, which is nothing.
      'Resource Manager': [200, ''],
      Graph: [403, 'Authorization_RequestDenied'],
    };
    assert.deepEqual([answer.status, answer.code], expected[surface.name], answer.body);
  }
  for (const surface of surfaces) {
    const emptyScopes = withClaims({ scp: '', idtyp: 'user' })(tokenOf(surface));
    const answer = await world.unchanged(() =>
      world.ask({ target: surface.target, token: emptyScopes }),
    );
    assert.ok([401, 403].includes(answer.status), `${surface.name}: ${answer.status}`);
  }
});

attack('JWT-25', async () => {
  await refusedEverywhere((token, { audience }) => {
    const text = partsOf(token)[1].replace(/^\{/, `{"aud":"https://else.example/",`);
    assert.ok(text.includes(audience));
    return forge.sign(text);
  });
});

attack('JWT-26', async () => {
  const deep = '['.repeat(100_000);
  for (const body of ['no JSON', '["a"]', '"text"', 'null', deep.slice(0, 9000)]) {
    await refusedEverywhere(() => forge.sign(body));
  }
  for (const long of [() => forge.sign(deep), withClaims({ name: 'a'.repeat(1_000_000) })]) {
    await refusedEverywhere(long, { status: 431 });
  }
  for (const { target } of surfaces) {
    const token = forge.sign(deep.slice(0, 9000));
    const milliseconds = await leastWork(() => world.ask({ target, token }));
    assert.ok(milliseconds < 50, `${milliseconds} ms`);
  }
});

attack('JWT-28', async () => {
  const [batch, manager] = surfaces;
  const signature = partsOf(tokenOf(manager))[2];
  await refusedEverywhere((token, surface) => {
    const spliced = surface === manager ? partsOf(tokenOf(batch))[2] : signature;
    return `${token.slice(0, token.lastIndexOf('.'))}.${spliced}`;
  });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const derZeros = Buffer.from('3006020100020100', 'hex');
  for (const zeros of [Buffer.alloc(64), Buffer.alloc(256), derZeros, Buffer.alloc(0)]) {
    for (const alg of ['RS256', 'ES256']) {
      await refusedEverywhere((token) => {
        const [header, payload] = partsOf(token);
        const head = encoded(JSON.stringify({ ...JSON.parse(header), alg }));
        return `${head}.${encoded(payload)}.${zeros.toString('base64url')}`;
      });
    }
  }
  await refusedEverywhere((token) => {
    const [header, payload] = partsOf(token);
    const head = encoded(JSON.stringify({ ...JSON.parse(header), alg: 'ES256' }));
    const signed = `${head}.${encoded(payload)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  });
});

attack('JWT-29', async () => {
  const leaving = await world.register('leaving');
  const body = { principalId: leaving.principalId };
  const role = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
  const scope = `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}`;
  const named = `${scope}/providers/Microsoft.Authorization/roleAssignments/${leaving.objectId}`;
  const roleDefinitionId = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
  const properties = { ...body, roleDefinitionId, principalType: 'ServicePrincipal' };
  await world.arm.call('PUT', `${named}?api-version=2022-04-01`, { properties });
  const { json } = await world.token({
    grant_type: 'client_credentials',
    client_id: leaving.appId,
    client_secret: leaving.secret,
    scope: 'https://management.azure.com/.default',
  });
  const token = (json as { readonly access_token: string }).access_token;
  const target = `${scope}?api-version=2022-12-01`;
  assert.equal((await world.ask({ target, token })).status, 200);
  const path = `/v1.0/servicePrincipals/${leaving.principalId}`;
  await world.graph.call('PATCH', path, { accountEnabled: false });
  assert.equal((await world.ask({ target, token })).status, 401);
  await world.graph.call('PATCH', path, { accountEnabled: true });
  assert.equal((await world.ask({ target, token })).status, 200);
  await world.graph.call('DELETE', path);
  assert.equal((await world.ask({ target, token })).status, 401);
  await tokenOfUserEnds(world, 'azure');
  const hardened = await openAttackedWorld({ seedPath, compat: 'hardened' });
  await tokenOfUserEnds(hardened, 'hardened');
});

/** A user who is disabled has no token at once; one whose sessions are revoked, as on Azure, until it ends. */
async function tokenOfUserEnds(where: AttackedWorld, compat: 'azure' | 'hardened') {
  const path = '/v1.0/users/ada@contoso.example';
  const token = await tokenOfUser(where);
  const { target } = surfaces[1];
  const status = async () => (await where.ask({ target, token })).status;
  assert.equal(await status(), 200);
  await where.graph.call('PATCH', path, { accountEnabled: false });
  assert.equal(await status(), 401);
  await where.graph.call('PATCH', path, { accountEnabled: true });
  assert.equal(await status(), 200);
  await where.graph.call('POST', `${path}/revokeSignInSessions`);
  assert.equal(await status(), compat === 'hardened' ? 401 : 200, compat);
}

/** A token for Resource Manager of somebody who signs in as with az. */
async function tokenOfUser(where: AttackedWorld): Promise<string> {
  const client_id = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
  const person = openPerson(where);
  const asked = { client_id, redirect_uri: 'http://localhost' };
  await person.authorize({
    ...{ ...asked, response_type: 'code', scope: 'https://management.azure.com/.default' },
    ...{ code_challenge: proofKey.challenge.code_challenge, code_challenge_method: 'S256' },
  });
  await person.signIn('ada@contoso.example', 'Ada-of-contoso-1');
  const shown = await person.submit({ stay: '0' });
  const { json } = await where.token({
    ...{ ...asked, grant_type: 'authorization_code', code_verifier: proofKey.verifier },
    code: answerOf(shown).get('code') ?? '',
  });
  return (json as { readonly access_token: string }).access_token;
}

attack('JWT-31', async () => {
  for (const surface of surfaces) {
    const { target, name } = surface;
    const token = tokenOf(surface);
    const send = (authorization: string) => world.ask({ target, headers: { authorization } });
    assert.equal((await send(`bearer ${token}`)).status, 200, name);
    for (const odd of [
      `Bearer  ${token}`,
      `Bearer\t${token}`,
      `Bearer ${token}, Bearer ${token}`,
    ]) {
      const answer = await world.unchanged(() => send(odd));
      assert.deepEqual([answer.status, answer.code], [401, surface.code], name);
    }
    const both = await world.unchanged(() => statusOfTwoHeaders(target, token));
    assert.equal(both, 400, name);
  }
});

/** Sends the header twice, each with the genuine token. */
function statusOfTwoHeaders(target: string, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { agent, url } = world;
    const sent = request(`${url}${target}`, { agent }, (reply) => {
      reply.resume();
      resolve(reply.statusCode ?? 0);
    });
    sent.setHeader('Authorization', [`Bearer ${token}`, `Bearer ${token}`]);
    sent.on('error', reject);
    sent.end();
  });
}

attack('JWT-32', async () => {
  for (const { target } of surfaces) {
    const token = 'a'.repeat(100_000);
    assert.equal((await world.unchanged(() => askOrHear431({ target, token }))).status, 431);
  }
});

/**
 * The server answers a header that is too long before it has read it all and then closes: what is
 * still being sent then may be answered by a reset, after the 431 is on its way.
 */
async function askOrHear431(question: Question): Promise<Pick<Answer, 'status' | 'body'>> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.url);
    const ca = world.agent.options.ca;
    const socket = connect({ host: hostname, port: Number(port), servername: hostname, ca });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.once('close', () => {
      const body = Buffer.concat(chunks).toString();
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(body)?.[1] ?? Number.NaN);
      return Number.isNaN(status) ? reject(new Error('no answer')) : resolve({ status, body });
    });
    const lines = [
      `GET ${question.target} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      `Authorization: Bearer ${question.token}`,
      'Connection: close',
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n`);
  });
}

attack('JWT-33', async () => {
  for (const surface of surfaces) {
    const token = tokenOf(surface);
    const mark = surface.target.includes('?') ? '&' : '?';
    const inQuery = await world.unchanged(() =>
      world.ask({ target: `${surface.target}${mark}access_token=${token}` }),
    );
    assert.equal(inQuery.status, 401, surface.name);
    assert.ok(!inQuery.body.includes(partsOf(token)[2]));
    const inForm = await world.unchanged(() =>
      world.ask({ target: surface.target, form: { access_token: token } }),
    );
    assert.equal(inForm.status, 401, surface.name);
  }
});

attack('JWT-34', async () => {
  const header = encoded(JSON.stringify({ alg: 'RSA-OAEP', enc: 'A256GCM', cty: 'JWT' }));
  const part = encoded('x'.repeat(64));
  await refusedEverywhere(() => [header, part, part, part, part].join('.'));
  await refusedEverywhere((token) =>
    forge.sign(JSON.stringify(token), {
      typ: 'JWT',
      alg: 'RS256',
      cty: 'JWT',
      kid: forge.key.keyId,
    }),
  );
});

attack('JWT-35', async () => {
  const token = await world.tokenFor('https://graph.microsoft.com/');
  const [header, payload, signature] = partsOf(token);
  const { nonce } = JSON.parse(header) as { readonly nonce: string };
  const hashed = createHash('sha256').update(nonce).digest('base64url');
  const asSigned = encoded(JSON.stringify({ ...JSON.parse(header), nonce: hashed }));
  const [batch, manager, graph] = surfaces;
  const replayed = `${asSigned}.${encoded(payload)}.${signature}`;
  for (const { target } of [batch, manager]) {
    for (const text of [token, replayed]) {
      const answer = await world.unchanged(() => world.ask({ target, token: text }));
      assert.equal(answer.status, 401);
    }
  }
  const { target } = graph;
  assert.equal((await world.ask({ target, token: replayed })).status, 401);
  assert.equal((await world.ask({ target, token })).status, 200);
});
