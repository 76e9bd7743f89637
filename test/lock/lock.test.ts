import assert from 'node:assert/strict';
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
} from 'node:crypto';
import { before, test } from 'node:test';
import { addSecret, assignRole, registerApplication } from '#app/tour-identity.ts';
import { waitUntil } from '#client/client.ts';
import { guidOfText } from '#kernel/random.ts';
import { credentialOf, type SignedUp, signUp, startWorld } from '../clients/world.ts';
import { type Answer, ask, type Question } from './ask.ts';
import { everything } from './everything.ts';

/**
 * Each of these is a way in that must be shut: the request is refused with Azure's code, and every list that it might have
 * changed reads as before.
 */

const world = await startWorld();
const { batten, tenantId, accountName, accountId, subscriptionId, arm } = world;
const batchScope = 'https://batch.core.windows.net//.default';
const batchVersion = 'api-version=2022-10-01.16.0';
const authorizationVersion = 'api-version=2022-04-01';
const location = batten.env['BATTEN_LOCATION'] ?? '';
const sibling = 'lockrg10account';
const siblingId = `/subscriptions/${subscriptionId}/resourceGroups/rg10/providers/Microsoft.Batch/batchAccounts/${sibling}`;
const worker = await signUp(world, 'lock-worker', 'Azure Batch Data Contributor');
const goodToken = (await worker.credential.getToken(batchScope)).token;

const job = { id: 'lock-job', poolInfo: { poolId: 'p' } };
const jobsOf = (account: string): string => `/batch/${account}/jobs?${batchVersion}`;
const postJob = (token: string): Question => ({ target: jobsOf(accountName), token, json: job });

before(async () => {
  for (const group of ['rg1', 'rg10']) {
    const path = `/subscriptions/${subscriptionId}/resourceGroups/${group}?api-version=2022-09-01`;
    await arm.call('PUT', path, { location });
  }
  await arm.call('PUT', `${siblingId}?api-version=2023-11-01`, { location });
  const read = () => arm.call('GET', `${siblingId}?api-version=2023-11-01`).catch(() => undefined);
  const ready = (reply: { readonly json: unknown } | undefined): boolean =>
    (reply?.json as { properties?: { provisioningState?: string } })?.properties
      ?.provisioningState === 'Succeeded';
  await waitUntil('the sibling account', read, ready, { deadlineSeconds: 30 });
});

/** The request is refused with this status and code, and everything reads as before. */
async function shut(question: Question, status: number, code: string): Promise<Answer> {
  const accounts = [accountName, sibling];
  const earlier = await everything(world, accounts);
  const answer = await ask(batten, question);
  assert.deepEqual([answer.status, answer.code], [status, code], answer.body);
  assert.deepEqual(await everything(world, accounts), earlier);
  return answer;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const partsOf = (token: string): readonly [header: object, claims: object] => {
  const [header = '', claims = ''] = token.split('.');
  const read = (part: string): object => JSON.parse(Buffer.from(part, 'base64url').toString());
  return [read(header), read(claims)];
};
const [goodHeader, goodClaims] = partsOf(goodToken);

/** A token over these parts that `signature` signs. */
function forged(header: object, claims: object, signature: (input: string) => Buffer): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

/** The public key that the authority publishes for the good token. */
async function publishedKey(): Promise<JsonWebKey> {
  const { json } = await ask(batten, { target: `/${tenantId}/discovery/v2.0/keys` });
  const { kid } = goodHeader as { kid: string };
  const found = (json as { keys: JsonWebKey[] }).keys.find((key) => key['kid'] === kid);
  return found ?? assert.fail('the key of the token is not published');
}

test('the good token of these tests is accepted, so that each refusal has its own reason', async () => {
  assert.equal((await ask(batten, { target: jobsOf(accountName), token: goodToken })).status, 200);
});

test('a role at rg1 gives nothing at rg10', async () => {
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/rg1`;
  const neighbour = await signUp(world, 'neighbour', 'Contributor', scope);
  const token = (await neighbour.credential.getToken('https://management.azure.com/.default'))
    .token;
  const version = 'api-version=2023-11-01';
  await shut({ target: `${siblingId}?${version}`, token }, 403, 'AuthorizationFailed');
  const keys = { method: 'POST', target: `${siblingId}/listKeys?${version}`, token };
  await shut(keys, 403, 'AuthorizationFailed');
  const onBatch = (await neighbour.credential.getToken(batchScope)).token;
  await shut({ target: jobsOf(sibling), token: onBatch }, 403, 'AuthorizationFailure');
  await shut({ target: jobsOf(sibling), token: onBatch, json: job }, 403, 'AuthorizationFailure');
});

test('a role with only pool actions posts no job', async () => {
  const name = guidOfText('lock', 'pool-only');
  const scope = `/subscriptions/${subscriptionId}`;
  const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}?${authorizationVersion}`;
  const permissions = [{ actions: ['Microsoft.Batch/batchAccounts/pools/*'] }];
  const properties = {
    roleName: 'Lock Pool Keeper',
    type: 'CustomRole',
    assignableScopes: [scope],
    permissions,
  };
  await arm.call('PUT', path, { properties });
  const keeper = await signUp(world, 'keeper', 'Lock Pool Keeper');
  const token = (await keeper.credential.getToken(batchScope)).token;
  const pools = await ask(batten, { target: `/batch/${accountName}/pools?${batchVersion}`, token });
  assert.equal(pools.status, 200);
  await shut(postJob(token), 403, 'AuthorizationFailure');
});

test('actions never stand for data actions: a role with jobs in its actions posts no job', async () => {
  const name = guidOfText('lock', 'wrong-plane');
  const scope = `/subscriptions/${subscriptionId}`;
  const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}?${authorizationVersion}`;
  const permissions = [{ actions: ['Microsoft.Batch/batchAccounts/jobs/*'] }];
  const properties = {
    roleName: 'Lock Wrong Plane',
    type: 'CustomRole',
    assignableScopes: [scope],
    permissions,
  };
  await arm.call('PUT', path, { properties });
  const planes = await signUp(world, 'planes', 'Lock Wrong Plane');
  await shut(
    postJob((await planes.credential.getToken(batchScope)).token),
    403,
    'AuthorizationFailure',
  );
});

test('Owner has no data action and posts a job all the same, since it may list the keys', async () => {
  const owner = await signUp(world, 'owner', 'Owner');
  const token = (await owner.credential.getToken(batchScope)).token;
  const added = await ask(batten, {
    target: jobsOf(accountName),
    token,
    json: { ...job, id: 'owned' },
  });
  assert.equal(added.status, 201, added.body);
});

test('a token of a foreign issuer is refused', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const byStranger = (input: string): Buffer => sign('RSA-SHA256', Buffer.from(input), privateKey);
  const foreign = {
    ...goodClaims,
    iss: 'https://sts.windows.net/11111111-2222-4333-8444-555555555555/',
  };
  await shut(postJob(forged(goodHeader, foreign, byStranger)), 401, 'AuthenticationFailed');
  await shut(postJob(forged(goodHeader, goodClaims, byStranger)), 401, 'AuthenticationFailed');
});

test('a changed claim under the old signature is refused', async () => {
  const [header = '', , signature = ''] = goodToken.split('.');
  const changed = { ...goodClaims, oid: guidOfText('someone', 'else') };
  await shut(postJob(`${header}.${encoded(changed)}.${signature}`), 401, 'AuthenticationFailed');
});

for (const alg of ['none', 'None', 'NONE', '']) {
  test(`a token with the algorithm "${alg}" is refused`, async () => {
    const token = forged({ ...goodHeader, alg }, goodClaims, () => Buffer.alloc(0));
    await shut(postJob(token), 401, 'AuthenticationFailed');
  });
}

test('a token that is signed with HS256 and the public key is refused', async () => {
  const jwk = await publishedKey();
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const [x5c = ''] = jwk['x5c'] as unknown as string[];
  const secrets = [
    key.export({ type: 'spki', format: 'pem' }),
    key.export({ type: 'spki', format: 'der' }),
    key.export({ type: 'pkcs1', format: 'pem' }),
    x5c,
  ];
  for (const secret of secrets) {
    const byPublicKey = (input: string): Buffer =>
      createHmac('sha256', secret).update(input).digest();
    const token = forged({ ...goodHeader, alg: 'HS256' }, goodClaims, byPublicKey);
    await shut(postJob(token), 401, 'AuthenticationFailed');
  }
});

const audiences = [
  { what: 'for Resource Manager', scope: 'https://management.azure.com/.default' },
  { what: 'for Microsoft Graph', scope: 'https://graph.microsoft.com/.default' },
  { what: 'whose audience lacks the slash', scope: 'https://batch.core.windows.net/.default' },
];

for (const { what, scope } of audiences) {
  test(`a token ${what} is refused by Batch`, async () => {
    const { token } = await worker.credential.getToken(scope);
    const answer = await shut(postJob(token), 401, 'AuthenticationFailed');
    assert.match(answer.body, /wrong audience or resource '[^']+'/);
  });
}

test('a token for Batch is refused by Resource Manager and by Graph', async () => {
  const target = `/subscriptions/${subscriptionId}/resourceGroups?api-version=2022-09-01`;
  await shut({ target, token: goodToken }, 401, 'InvalidAuthenticationTokenAudience');
  await shut({ target: '/v1.0/applications', token: goodToken }, 401, 'InvalidAuthenticationToken');
});

/** A token request at any authority host. */
function tokenQuestion(
  who: { readonly appId: string; readonly secret: string },
  host?: string,
  scope = batchScope,
): Question {
  const form = {
    grant_type: 'client_credentials',
    client_id: who.appId,
    client_secret: who.secret,
    scope,
  };
  return {
    target: `/${tenantId}/oauth2/v2.0/token`,
    form,
    ...(host === undefined ? {} : { host }),
  };
}

test('a token of the China cloud is refused in the public one, and the other way round', async () => {
  const scope = 'https://batch.chinacloudapi.cn//.default';
  const given = await ask(batten, tokenQuestion(worker, 'login.chinacloudapi.cn', scope));
  const { access_token: chinese = '' } = given.json as { access_token?: string };
  const chinaHost = `${accountName}.${location}.batch.chinacloudapi.cn`;
  const inChina = (token: string): Question => ({
    host: chinaHost,
    target: `/jobs?${batchVersion}`,
    token,
  });
  assert.equal((await ask(batten, inChina(chinese))).status, 200);
  await shut(postJob(chinese), 401, 'AuthenticationFailed');
  await shut({ ...inChina(goodToken), json: job }, 401, 'AuthenticationFailed');
});

test('a public audience that was issued by the China authority is refused in the public cloud', async () => {
  const given = await ask(batten, tokenQuestion(worker, 'login.chinacloudapi.cn'));
  const { access_token: token } = given.json as { access_token?: string };
  if (token === undefined) assert.match(given.code, /^AADSTS/);
  else await shut(postJob(token), 401, 'AuthenticationFailed');
});

test('a secret that has ended signs in no more', async () => {
  const application = await registerApplication(world.graph, 'ending');
  const end = new Date(Date.now() + 2000).toISOString();
  const secret = await addSecret(world.graph, application, end);
  const question = tokenQuestion({ ...application, secret });
  assert.equal((await ask(batten, question)).status, 200);
  const read = () => ask(batten, question);
  const options = { deadlineSeconds: 20, intervalSeconds: 0.2 };
  await waitUntil('the end of the secret', read, ({ status }) => status !== 200, options);
  await shut(question, 401, 'AADSTS7000222');
});

test('a secret that was removed signs in no more', async () => {
  const application = await registerApplication(world.graph, 'removing');
  const secret = await addSecret(world.graph, application);
  const question = tokenQuestion({ ...application, secret });
  assert.equal((await ask(batten, question)).status, 200);
  const path = `/v1.0/applications/${application.objectId}`;
  const { json } = await world.graph.call('GET', path);
  const [credential] = (json as { passwordCredentials: { keyId: string }[] }).passwordCredentials;
  await world.graph.call('POST', `${path}/removePassword`, { keyId: credential?.keyId });
  await shut(question, 401, 'AADSTS7000215');
});

test('a role that was removed gives nothing, also to a token from before', async () => {
  const leaver = await signUp(world, 'leaver', 'Azure Batch Data Contributor');
  const { token } = await leaver.credential.getToken(batchScope);
  assert.equal((await ask(batten, { target: jobsOf(accountName), token })).status, 200);
  const base = `${accountId}/providers/Microsoft.Authorization/roleAssignments`;
  const filter = encodeURIComponent(`principalId eq '${leaver.principalId}'`);
  const { json } = await arm.call('GET', `${base}?${authorizationVersion}&$filter=${filter}`);
  const [assignment] = (json as { value: { name: string }[] }).value;
  await arm.call('DELETE', `${base}/${assignment?.name}?${authorizationVersion}`);
  await shut(postJob(token), 403, 'AuthorizationFailure');
});

const unknownHosts = [
  'contoso.example',
  `${accountName}.batch.azure.com`,
  'batch.azure.com',
  'login.microsoftonline.com.evil.example',
];

for (const host of unknownHosts) {
  test(`the host ${host} is answered by nobody`, async () => {
    const question = { host, target: `/jobs?${batchVersion}`, token: goodToken, json: job };
    const earlier = await everything(world, [accountName]);
    const answer = await ask(batten, question).catch((error: NodeJS.ErrnoException) => error.code);
    if (typeof answer === 'object') assert.equal(answer.status, 421);
    else assert.match(String(answer), /ECONNRESET|SSL|TLS/);
    assert.deepEqual(await everything(world, [accountName]), earlier);
  });
}

const twisted = [
  `/batch/${accountName}//jobs`,
  `/batch/${accountName}/jobs/`,
  `/batch/${accountName}/./jobs`,
  `/batch/${accountName}/pools/../jobs`,
  `/batch/${accountName}/pools%2F..%2Fjobs`,
  `/batch/${accountName}%2Fjobs`,
  `/batch/${accountName}/%6Aobs%2F`,
  `/batch//${accountName}/jobs`,
  `//batch/${accountName}/jobs`,
  `/batch/${accountName}/jobs%00`,
  `/batch/${sibling}%2F..%2F${accountName}/jobs`,
];

for (const path of twisted) {
  test(`the path ${path} adds no job, with or without a token`, async () => {
    const accounts = [accountName, sibling];
    const earlier = await everything(world, accounts);
    for (const token of [{ token: goodToken }, {}]) {
      const answer = await ask(batten, { target: `${path}?${batchVersion}`, json: job, ...token });
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.body}`);
    }
    assert.deepEqual(await everything(world, accounts), earlier);
  });
}

test('leading slashes at Resource Manager change nothing about who may', async () => {
  const roleless = await signUp(world, 'slashes');
  const { token } = await roleless.credential.getToken('https://management.azure.com/.default');
  const path = `//subscriptions/${subscriptionId}/resourceGroups/rg1`;
  await shut(
    { method: 'DELETE', target: `${path}?api-version=2022-09-01`, token },
    403,
    'AuthorizationFailed',
  );
  const hidden = `/subscriptions/${subscriptionId}%2FresourceGroups%2Frg1?api-version=2022-09-01`;
  const answer = await ask(batten, { method: 'DELETE', target: hidden, token });
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.body}`);
});

test('no token, an empty one and one that is none are refused', async () => {
  for (const authorization of [
    '',
    'Bearer',
    'Bearer ',
    'Bearer x.y.z',
    'Basic eDp5',
    `bearer${goodToken}`,
  ]) {
    const question = { target: jobsOf(accountName), json: job, headers: { authorization } };
    const earlier = await everything(world, [accountName]);
    const answer = await ask(batten, question);
    assert.ok(
      answer.status === 401 || answer.status === 400 || answer.status === 403,
      `${authorization}: ${answer.status}`,
    );
    assert.deepEqual(await everything(world, [accountName]), earlier);
  }
});

/** A role assignment by its parts, as a PUT at Resource Manager. */
async function putAssignment(
  name: string,
  roleName: string,
  principal: SignedUp,
  scope = accountId,
): Promise<Question> {
  const { token } = await world.owner.getToken('https://management.azure.com/.default');
  const filter = encodeURIComponent(`roleName eq '${roleName}'`);
  const base = `${scope}/providers/Microsoft.Authorization`;
  const { json } = await arm.call(
    'GET',
    `${base}/roleDefinitions?${authorizationVersion}&$filter=${filter}`,
  );
  const [definition] = (json as { value: { id: string }[] }).value;
  const properties = { roleDefinitionId: definition?.id, principalId: principal.principalId };
  const target = `${base}/roleAssignments/${name}?${authorizationVersion}`;
  return { method: 'PUT', target, token, json: { properties } };
}

test('a role assignment is identified by its name, and its grant by principal, role and scope', async () => {
  const [one, two] = [await signUp(world, 'one'), await signUp(world, 'two')];
  const name = guidOfText('lock', 'assignment');
  const role = 'Azure Batch Job Submitter';
  const first = await putAssignment(name, role, one);
  assert.equal((await ask(batten, first)).status, 201);
  assert.equal((await ask(batten, first)).status, 201, 'the identical PUT repeated');
  await shut(await putAssignment(name, role, two), 409, 'RoleAssignmentUpdateNotPermitted');
  await shut(await putAssignment(name, 'Reader', one), 409, 'RoleAssignmentUpdateNotPermitted');
  await shut(
    await putAssignment(name, role, one, siblingId),
    409,
    'RoleAssignmentUpdateNotPermitted',
  );
  const another = guidOfText('lock', 'another name');
  await shut(await putAssignment(another, role, one), 409, 'RoleAssignmentExists');
});

test('a wrong secret gives no token, and neither does the right one of another application', async () => {
  const other = await signUp(world, 'other');
  await shut(
    tokenQuestion({ appId: worker.appId, secret: 'not-the-secret' }),
    401,
    'AADSTS7000215',
  );
  await shut(tokenQuestion({ appId: worker.appId, secret: other.secret }), 401, 'AADSTS7000215');
  await assert.rejects(credentialOf(batten, worker.appId, other.secret).getToken(batchScope));
});

test('an application without rights in the directory registers none and gives itself no secret', async () => {
  const nobody = await signUp(world, 'nobody');
  await assignRole(arm, accountId, 'Owner', nobody.principalId);
  const { token } = await nobody.credential.getToken('https://graph.microsoft.com/.default');
  const refused = { status: 403, code: 'Authorization_RequestDenied' };
  const add = { target: '/v1.0/applications', token, json: { displayName: 'sneaky' } };
  await shut(add, refused.status, refused.code);
  const grant = `/v1.0/applications/${worker.objectId}/addPassword`;
  await shut({ target: grant, token, json: {} }, refused.status, refused.code);
});
