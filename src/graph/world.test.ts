import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { clouds } from '#cloud/cloud.ts';
import { addApplication, isNameConflict } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { addFirstPartyPrincipals } from '#directory/first-party.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import { isPassword } from '#directory/password.ts';
import { addServicePrincipal, servicePrincipalOf } from '#directory/service-principal.store.ts';
import { addTenant } from '#directory/tenant.store.ts';
import { addUser, passwordHashOfUser } from '#directory/user.store.ts';
import type { BearerExpectation, BearerProblem } from '#guard/bearer.ts';
import type { HttpRequest } from '#http/request.ts';
import { parseQuery, parseTarget } from '#http/target.ts';
import { type FixedClock, fixedClock } from '#kernel/clock.ts';
import { fault } from '#kernel/fault.ts';
import { parseInstant } from '#kernel/instant.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import { silentLog } from '#kernel/log.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import { recordMigrations } from '#record/migrations.ts';
import type { RecordedEvent } from '#record/record.ts';
import { openRecorder } from '#record/recorder.ts';
import { SqliteStore } from '#store/sqlite.ts';
import type { Store } from '#store/store.ts';
import { graphSurface } from './surface.ts';

/*
 * The world of Graph's tests: two tenants, two users, an application with its service principal, nested groups, callers of every kind
 * and tokens with every flaw. This file holds no test of its own.
 */

const start = parseInstant('2026-11-20T09:00:00.25Z');
assert(start !== undefined);
const createdAt = start;

const id = (name: string): string => guidOfText('graph-world', name);

export const contoso = id('contoso');
export const fabrikam = id('fabrikam');

/** Object ids and appIds of the world. */
export const known = {
  admin: id('admin'),
  member: id('member'),
  foreigner: id('foreigner'),
  application: id('application'),
  appId: id('appId'),
  principal: id('principal'),
  foreignApplication: id('foreign application'),
  foreignAppId: id('foreign appId'),
  innerGroup: id('inner group'),
  outerGroup: id('outer group'),
} as const;

const basis: Caller = {
  tenantId: contoso,
  objectId: known.member,
  principalType: 'User',
  appId: id('client'),
  displayName: 'member@contoso.example',
  principalIds: [known.member],
  directoryRoleIds: [],
  oauthScopes: [],
  appRoles: [],
  claims: {},
};

/** A user who acts through an application with delegated permissions. */
export function userCaller(more: Partial<Caller> = {}): Caller {
  return { ...basis, oauthScopes: ['Directory.AccessAsUser.All'], ...more };
}

/** An application that acts alone. */
export function appCaller(appRoles: readonly string[] = [], more: Partial<Caller> = {}): Caller {
  return {
    ...basis,
    principalType: 'ServicePrincipal',
    objectId: known.principal,
    principalIds: [known.principal],
    appRoles,
    ...more,
  };
}

/** The Global Administrator. */
export const admin = userCaller({
  objectId: known.admin,
  directoryRoleIds: [directoryRoleTemplates.globalAdministrator],
});

export interface GraphWorld {
  readonly store: Store;
  readonly clock: FixedClock;
  readonly events: readonly RecordedEvent[];
  /** Writes an event into the log that Graph shows. */
  note(event: RecordedEvent): void;
  /** What the surface expected of the last token. */
  readonly expectations: readonly BearerExpectation[];
  /** Passwords that were checked, and so count where they were wrong. */
  readonly checkedPasswords: readonly string[];
  /** What was consented to for everybody: given for the application of this world, unknown for every other, and nothing for `known.admin`. */
  readonly consents: readonly { tenantId: string; userId: string; appId: string }[];
  /** Sends a request as a caller, or with a token that has a flaw. */
  send(
    as: Caller | BearerProblem['problem'],
    line: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
  /** Everything that the tenant's directory shows to its administrator: what a refusal must not change. */
  snapshot(): Promise<unknown>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly text: string | undefined;
  readonly json: JsonObject;
}

/** Opens a world of its own for one test, and closes it after the test. */
export async function openWorld(context: TestContext, cloud = 'public'): Promise<GraphWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-graph-'));
  const store = new SqliteStore(join(folder, 'state.db'), [
    ...directoryMigrations,
    ...recordMigrations,
  ]);
  context.after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  await fill(store);
  const clock = fixedClock(createdAt);
  const events: RecordedEvent[] = [];
  const recorder = openRecorder({ store, log: silentLog });
  context.after(() => recorder.close());
  const expectations: BearerExpectation[] = [];
  const checkedPasswords: string[] = [];
  const consents: { tenantId: string; userId: string; appId: string }[] = [];
  let now: Caller | BearerProblem['problem'] = 'missing';
  const surface = graphSurface({
    guard: {
      caller: async (_request, expectation) => {
        expectations.push(expectation);
        if (typeof now !== 'string') return now;
        return { kind: 'bearerProblem', problem: now, claims: {} } as BearerProblem;
      },
      authorize: () => Promise.reject(new Error('Graph decides by its own rule')),
    },
    store,
    clock,
    random: seededRandom('graph-world'),
    log: silentLog,
    clouds,
    checkPassword: async ({ tenantId, userId }, password) => {
      checkedPasswords.push(password);
      const hash = await store.read((tx) => passwordHashOfUser(tx, tenantId, userId));
      return (await isPassword(password, hash)) ? {} : fault(400, 'wrong', 'wrong');
    },
    consentForAll: async (consent) => {
      consents.push(consent);
      if (consent.userId === known.admin) return 'notAllowed';
      return consent.appId === known.appId ? 'given' : 'unknownApplication';
    },
    recorder: {
      note(event) {
        events.push(event);
        recorder.note(event);
      },
      list: recorder.list,
      ofRequest: recorder.ofRequest,
    },
  });
  const send: GraphWorld['send'] = async (as, line, body, headers = {}) => {
    now = as;
    const reply = await surface.handle(requestOf(line, body, clock, cloud, headers));
    return {
      status: reply.status,
      headers: reply.headers ?? {},
      contentType: reply.contentType,
      text: reply.text,
      json: isJsonObject(reply.json) ? reply.json : {},
    };
  };
  const snapshot = async (): Promise<unknown> => {
    const shown: JsonObject[] = [];
    for (const path of ['applications', 'servicePrincipals', 'users', 'groups']) {
      shown.push((await send(admin, `GET /v1.0/${path}?$top=999`)).json);
    }
    const owners = `GET /v1.0/applications/${known.application}/owners`;
    return [...shown, (await send(admin, owners)).json];
  };
  const seen = { events, expectations, checkedPasswords, consents };
  return { store, clock, ...seen, note: recorder.note, send, snapshot };
}

/** The objects of a list answer. */
export function valuesOf(answer: Answer): readonly JsonObject[] {
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
  const { value } = answer.json;
  assert(Array.isArray(value));
  return value as JsonObject[];
}

/** The code and text of a refusal, of Graph or of the portal's own service. */
export function errorOf(answer: Answer): { code: unknown; message: unknown } {
  const { error, ClientData: portal } = answer.json;
  if (isJsonObject(portal)) {
    const details = portal['localizedErrorDetails'];
    assert(isJsonObject(details));
    return { code: portal['errorCode'], message: details['errorDetail'] };
  }
  assert(isJsonObject(error), JSON.stringify(answer.json));
  return { code: error['code'], message: error['message'] };
}

async function fill(store: Store): Promise<void> {
  const random = seededRandom('graph-world-fill');
  const at = { createdAt };
  await store.write(async (tx) => {
    const domains = ['contoso.example', 'contoso.onmicrosoft.com'];
    await addTenant(tx, { tenantId: contoso, displayName: 'Contoso', domains, ...at });
    const other = { tenantId: fabrikam, displayName: 'Fabrikam', domains: ['fabrikam.example'] };
    await addTenant(tx, { ...other, ...at });
    const names = {
      graph: ['https://graph.microsoft.com'],
      arm: ['https://management.core.windows.net/'],
      batch: ['https://batch.core.windows.net/'],
      directoryGraph: ['https://graph.windows.net/'],
    };
    await addFirstPartyPrincipals(tx, contoso, names, random, createdAt);
    const user = (objectId: string, tenantId: string, userPrincipalName: string, name: string) =>
      addUser(tx, {
        objectId,
        tenantId,
        userPrincipalName,
        displayName: name,
        accountEnabled: true,
        ...at,
      });
    await user(known.admin, contoso, 'admin@contoso.example', 'Ana Admin');
    await user(known.member, contoso, 'member@contoso.example', 'Max Member');
    await user(known.foreigner, fabrikam, 'ana@fabrikam.example', 'Ana Elsewhere');
    const application = await addApplication(tx, {
      tenantId: contoso,
      objectId: known.application,
      appId: known.appId,
      displayName: 'Nightly jobs',
      ...at,
    });
    assert(!isNameConflict(application));
    const place = { tenantId: contoso, objectId: known.principal, ...at };
    await addServicePrincipal(tx, servicePrincipalOf(application, place));
    await addApplication(tx, {
      tenantId: fabrikam,
      objectId: known.foreignApplication,
      appId: known.foreignAppId,
      displayName: 'Secret plans',
      ...at,
    });
    for (const objectId of [known.innerGroup, known.outerGroup]) {
      const displayName = objectId === known.innerGroup ? 'Inner' : 'Outer';
      await addGroup(tx, {
        tenantId: contoso,
        objectId,
        displayName,
        mailNickname: displayName,
        ...at,
      });
    }
    await addMember(tx, contoso, known.innerGroup, known.member);
    await addMember(tx, contoso, known.outerGroup, known.innerGroup);
  });
}

function requestOf(
  line: string,
  body: unknown,
  clock: FixedClock,
  cloud: string,
  headers: Readonly<Record<string, string>>,
): HttpRequest {
  const [method = '', ...rest] = line.split(' ');
  const target = parseTarget(rest.join(' ').replaceAll(' ', '%20'));
  assert(target !== undefined, line);
  const query = parseQuery(target.query);
  assert(query !== undefined, line);
  const named = clouds.find((one) => one.name === cloud);
  const isOfGraph = !target.path.startsWith('/api/');
  const host = headers['host'] ?? named?.[isOfGraph ? 'graphHosts' : 'registrationHosts'][0] ?? '';
  return {
    method,
    target,
    route: target,
    query,
    headers: { ...headers, host },
    reach: {
      surface: 'graph',
      cloud,
      origin: `https://${host}`,
      host,
      base: [],
      labels: {},
      explicit: false,
    },
    requestId: id('request'),
    receivedAt: clock.civil(),
    receivedReal: clock.real(),
    remoteAddress: '127.0.0.1',
    stream: Readable.from(body === undefined ? [] : [Buffer.from(textOf(body))]),
  };
}

/** Text is sent as it stands, to try what is no JSON. */
function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}
