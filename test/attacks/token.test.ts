import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { request } from 'node:https';
import { connect } from 'node:tls';
import type { Answer, Question } from '../lock/ask.ts';
import { attack } from './attack.ts';
import { claimsOf, encoded, openForge, partsOf } from './forge.ts';
import { openAttackedWorld } from './world.ts';

/*
 * Tokens that are presented to Batch, Resource Manager and Graph: forged, altered, of another
 * audience, cloud or tenant, too old, or sent in ways that no token is sent.
 */

const world = await openAttackedWorld();
const forge = await openForge(world.dataFolder);

const batchVersion = 'api-version=2024-07-01.20.0';
const surfaces = [
  {
    name: 'Batch',
    audience: 'https://batch.core.windows.net/',
    target: `/batch/${world.account}/jobs?${batchVersion}`,
  },
  {
    name: 'Resource Manager',
    audience: 'https://management.azure.com/',
    target: '/subscriptions?api-version=2022-12-01',
  },
  {
    name: 'Graph',
    audience: 'https://graph.microsoft.com/',
    target: '/v1.0/applications',
  },
] as const;

type SurfaceOf = (typeof surfaces)[number];

const genuine = new Map<string, string>();
for (const { name, audience } of surfaces) genuine.set(name, await world.tokenFor(audience));

const tokenOf = ({ name }: SurfaceOf) => genuine.get(name) ?? '';

/** Presents a token to every surface: it must be refused there as no token, and change nothing. */
async function refusedEverywhere(
  make: (genuine: string, surface: SurfaceOf) => string,
  statuses: readonly number[] = [401],
): Promise<void> {
  for (const surface of surfaces) {
    const token = make(tokenOf(surface), surface);
    const { target } = surface;
    const answer = await world.unchanged(() => askOrHear431({ target, token }));
    assert.ok(statuses.includes(answer.status), `${surface.name}: ${answer.status} ${answer.body}`);
    const accepted = await world.ask({ target, token: tokenOf(surface) });
    assert.equal(accepted.status, 200, `${surface.name} still takes its own token`);
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
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await refusedEverywhere((token) => {
    const [header, payload] = partsOf(token);
    const signed = `${encoded(header)}.${encoded(payload)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  });
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
  await refusedEverywhere(long, [401, 431]);
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
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const chain = [forge.key.jwk.x5c[0], forge.key.jwk.x5c[0]];
  await refusedEverywhere((token) => {
    const [header, payload] = partsOf(token);
    const head = encoded(JSON.stringify({ ...JSON.parse(header), x5c: chain, x5u: world.url }));
    const signed = `${head}.${encoded(payload)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  });
});

attack('JWT-11', async () => {
  await refusedEverywhere(
    withHeader({ crit: ['urn:example:extension'], 'urn:example:extension': 1 }),
  );
});

attack('JWT-12', async () => {
  for (const age of [360, 301]) {
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
    await refusedEverywhere((token) => {
      const { exp: _, ...rest } = claimsOf(token);
      return forge.sign(JSON.stringify(rest).replace(/\}$/, `,"exp":${exp}}`));
    });
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

attack('JWT-17', async () => {
  await refusedEverywhere((token, { name }) => {
    const chinese = {
      Batch: 'https://batch.chinacloudapi.cn/',
      'Resource Manager': 'https://management.chinacloudapi.cn/',
      Graph: 'https://microsoftgraph.chinacloudapi.cn/',
    };
    return withClaims({ aud: chinese[name] })(token);
  });
  const china = `${world.account}.westeurope.batch.chinacloudapi.cn`;
  const [batch] = surfaces;
  const answer = await world.unchanged(() =>
    world.ask({ target: `/jobs?${batchVersion}`, host: china, token: tokenOf(batch) }),
  );
  assert.equal(answer.status, 401);
});

attack('JWT-18', async () => {
  await refusedEverywhere((token, { audience }) =>
    withClaims({ aud: [audience, 'https://else.example/'] })(token),
  );
});

attack('JWT-19', async () => {
  const otherTenant = '0f0f0f0f-1111-4222-8333-444455556666';
  const change = { tid: otherTenant, iss: `https://sts.windows.net/${otherTenant}/` };
  await refusedEverywhere((token) => withClaims(change)(token));
  await refusedEverywhere((token) => withClaims({ iss: change.iss })(token));
});

attack('JWT-21', async () => {
  const iss = `${world.url}/${world.tenantId}/v2.0`;
  await refusedEverywhere((token, { name }) => {
    const appIds = {
      Batch: 'ddbf3205-c6bd-46ae-8127-60eb93363864',
      'Resource Manager': '797f4846-ba00-4fd7-ba43-dac1f8f63013',
      Graph: 'ffffffff-0000-4000-8000-000000000000',
    };
    const { appid, ...rest } = claimsOf(token);
    return forge.sign({ ...rest, azp: appid, iss, ver: '2.0', aud: `${appIds[name]}x` });
  });
});

attack('JWT-24', async () => {
  const [, , graph] = surfaces;
  const target = '/v1.0/me';
  const appOnly = await world.unchanged(() => world.ask({ target, token: tokenOf(graph) }));
  assert.ok([400, 403].includes(appOnly.status), appOnly.body);
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
  const bodies = ['no JSON', '["a"]', '"text"', 'null', deep.slice(0, 9000)];
  for (const body of bodies) await refusedEverywhere(() => forge.sign(body), [401, 431]);
  await refusedEverywhere(() => forge.sign(deep), [401, 431]);
  await refusedEverywhere(withClaims({ name: 'a'.repeat(1_000_000) }), [401, 431]);
});

attack('JWT-28', async () => {
  const [batch, manager] = surfaces;
  const signature = partsOf(tokenOf(manager))[2];
  await refusedEverywhere((token, surface) => {
    const spliced = surface === manager ? partsOf(tokenOf(batch))[2] : signature;
    return `${token.slice(0, token.lastIndexOf('.'))}.${spliced}`;
  });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const zeros of [Buffer.alloc(64), Buffer.alloc(256), Buffer.alloc(0)]) {
    await refusedEverywhere(
      (token) => `${token.slice(0, token.lastIndexOf('.'))}.${zeros.toString('base64url')}`,
    );
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
});

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
      assert.ok([400, 401].includes(answer.status), `${name}: ${answer.status}`);
    }
    assert.ok([400, 401].includes(await statusOfTwoHeaders(target, token)), name);
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
  const [batch] = surfaces;
  const token = tokenOf(batch);
  const [header, payload] = partsOf(token);
  const nonced = encoded(JSON.stringify({ nonce: 'hashed', ...JSON.parse(header) }));
  const replayed = `${nonced}.${encoded(payload)}.${partsOf(token)[2]}`;
  const answer = await world.unchanged(() => world.ask({ target: batch.target, token: replayed }));
  assert.equal(answer.status, 401);
});
