import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { clouds, knownHost } from '#cloud/cloud.ts';
import type { Compat } from '#cloud/compat.ts';
import { addApplication, isNameConflict } from '#directory/application.store.ts';
import type { Application, NewApplication } from '#directory/application.ts';
import { addPassword } from '#directory/credential.store.ts';
import { addFirstPartyPrincipals } from '#directory/first-party.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import {
  addServicePrincipal,
  type ServicePrincipal,
  servicePrincipalOf,
} from '#directory/service-principal.store.ts';
import { addTenant } from '#directory/tenant.store.ts';
import type { Surface } from '#http/pipeline.ts';
import type { HttpRequest, Reach } from '#http/request.ts';
import { parseQuery, parseTarget } from '#http/target.ts';
import { type FixedClock, fixedClock } from '#kernel/clock.ts';
import { addSeconds, type Instant, parseInstant } from '#kernel/instant.ts';
import { silentLog } from '#kernel/log.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import type { RecordedEvent } from '#record/record.ts';
import { SqliteStore } from '#store/sqlite.ts';
import type { Store } from '#store/store.ts';
import { openForeignKeys } from './foreign-key.ts';
import { openSigningKeys, type SigningJwk, type SigningKeys } from './keys.ts';
import { type LimitSettings, type Limits, openLimits } from './limits.ts';
import { authorityMigrations } from './migrations.ts';
import { authoritySurface } from './surface.ts';

/*
 * The world of the authority's tests: two tenants, one application with a secret, the first-party
 * resources, a clock that stands still. This file holds no test of its own.
 */

export const contoso = {
  tenantId: 'c0000000-0000-4000-8000-000000000001',
  displayName: 'Contoso',
  domains: ['contoso.example', 'contoso.onmicrosoft.com'],
};

export const fabrikam = {
  tenantId: 'f0000000-0000-4000-8000-000000000002',
  displayName: 'Fabrikam',
  domains: ['fabrikam.example'],
};

export const worker = {
  appId: 'a0000000-0000-4000-8000-000000000003',
  secretText: 'right-secret~',
};

/** How long the worker's secret is good, in seconds. */
export const secretSeconds = 86_400;

const start = parseInstant('2026-11-21T09:00:00Z');
assert.ok(start !== undefined);
const defaultStart = start;

/** Making keys is slow, so every world of a file signs with the same. */
const sharedKeys = await makeKeys();

export interface World {
  readonly store: Store;
  readonly clock: FixedClock;
  readonly keys: SigningKeys;
  readonly surface: Surface;
  readonly limits: Limits;
  readonly recorded: readonly RecordedEvent[];
  /** What other servers answer with, by address; whatever is not here cannot be reached. */
  readonly outside: Map<string, unknown>;
  /** Registers an application of contoso with a service principal there. */
  register(name: string, more?: Partial<Application>): Promise<ServicePrincipal>;
  send(asked: Asked): Promise<Answer>;
}

/** A request as a test writes it. */
export interface Asked {
  readonly method?: string;
  /**
   * `https://login.microsoftonline.com` unless said otherwise; a name with a port is explicit
   * reach.
   */
  readonly origin?: string;
  readonly path: string;
  readonly form?: Readonly<Record<string, string>> | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly json: AnswerBody;
  readonly text: string;
}

/**
 * What the authority may say, as far as the tests read it; which of it a body holds, each test
 * knows.
 */
export interface AnswerBody {
  readonly error: string;
  readonly error_description: string;
  readonly error_codes: readonly number[];
  readonly error_uri: string;
  readonly token_type: string;
  readonly expires_in: number | string;
  readonly ext_expires_in: number | string;
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly refresh_token_expires_in?: number;
  readonly id_token?: string;
  readonly client_info?: string;
  readonly foci?: string;
  readonly scope?: string;
  readonly suberror?: string;
  readonly resource?: string;
  readonly issuer: string;
  readonly token_endpoint: string;
  readonly authorization_endpoint: string;
  readonly userinfo_endpoint: string;
  readonly jwks_uri: string;
  readonly keys: readonly SigningJwk[];
  readonly tenant_discovery_endpoint: string;
  readonly user_code: string;
  readonly device_code: string;
  readonly verification_uri: string;
  readonly verification_url: string;
  readonly interval: number | string;
  readonly message: string;
  readonly metadata: readonly { readonly aliases: readonly string[] }[];
}

export async function openWorld(
  t: TestContext,
  startAt = defaultStart,
  compat: Compat = 'azure',
  limitSettings: LimitSettings = {},
): Promise<World> {
  const { store, remove } = await openStore();
  t.after(remove);
  const clock = fixedClock(startAt);
  const random = seededRandom('world');
  const recorded: RecordedEvent[] = [];
  const recorder = { note: (event: RecordedEvent) => void recorded.push(event) };
  const keys = sharedKeys;
  const outside = new Map<string, unknown>();
  const foreignKeys = openForeignKeys({
    clock,
    fetchDocument: async (address) => {
      const json = outside.get(address);
      if (json === undefined) return { kind: 'failure', reason: 'ECONNREFUSED' };
      return { kind: 'document', json };
    },
  });
  const seal = sealWith(random.bytes(32), random);
  const ground = { store, keys, foreignKeys, clock, random, seal, recorder };
  const limits = openLimits(clock, limitSettings);
  const parts = { ...ground, log: silentLog, clouds, compat, limits };
  const surface = authoritySurface(parts);
  const register = (name: string, more: Partial<Application> = {}) =>
    registerIn(store, startAt, { displayName: name, appId: guidOfText(name), ...more });
  await store.write(async (tx) => {
    for (const tenant of [contoso, fabrikam]) {
      await addTenant(tx, { ...tenant, createdAt: startAt });
      const names = {
        graph: clouds.flatMap((cloud) => cloud.graphAudiences),
        arm: clouds.flatMap((cloud) => cloud.armAudiences),
        batch: clouds.map((cloud) => cloud.batchAudience),
        directoryGraph: [...new Set(clouds.flatMap((cloud) => cloud.directoryGraphAudiences))],
      };
      await addFirstPartyPrincipals(tx, tenant.tenantId, names, random, startAt);
    }
  });
  await register('Worker', { appId: worker.appId, objectId: guidOfText('worker application') });
  await store.write((tx) =>
    addPassword(
      tx,
      {
        tenantId: contoso.tenantId,
        appObjectId: guidOfText('worker application'),
        keyId: guidOfText('worker secret'),
        startAt,
        endAt: addSeconds(startAt, secretSeconds),
      },
      worker.secretText,
    ),
  );
  let count = 0;
  const send = async (asked: Asked): Promise<Answer> => {
    const reply = await surface.handle(requestOf(asked, clock, guidOfText('r', `${count++}`)));
    const { status, contentType, json, text = '', cookies } = reply;
    const set = cookies === undefined ? {} : { 'Set-Cookie': cookies.join('\n') };
    const headers = { ...reply.headers, ...set };
    return { status, headers, contentType, json: JSON.parse(JSON.stringify(json ?? null)), text };
  };
  return { store, clock, keys, surface, limits, recorded, outside, register, send };
}

async function registerIn(
  store: Store,
  createdAt: Instant,
  basis: Pick<NewApplication, 'displayName' | 'appId'> & Partial<Application>,
): Promise<ServicePrincipal> {
  const { tenantId } = contoso;
  return store.write(async (tx) => {
    const objectId = guidOfText(basis.displayName, 'object');
    const added = await addApplication(tx, { objectId, ...basis, tenantId, createdAt });
    assert.ok(!isNameConflict(added));
    const place = { tenantId, objectId: guidOfText(basis.displayName, 'principal') };
    const principal = servicePrincipalOf(added, { ...place, createdAt });
    assert.ok((await addServicePrincipal(tx, principal)) !== undefined);
    return principal;
  });
}

/** Where a test's request arrives: an Azure name, or explicitly when the origin has a port. */
export function reachOf(origin: string): Reach {
  const { hostname, port } = new URL(origin);
  const explicit = port !== '';
  const cloud = explicit ? 'public' : knownHost(hostname)?.cloud;
  assert.ok(cloud !== undefined, `${origin} is no login host`);
  return { surface: 'authority', cloud, origin, host: hostname, base: [], labels: {}, explicit };
}

function requestOf(asked: Asked, clock: FixedClock, requestId: string): HttpRequest {
  const target = parseTarget(asked.path);
  assert.ok(target !== undefined);
  const query = parseQuery(target.query);
  assert.ok(query !== undefined);
  const { form } = asked;
  const body = typeof form === 'string' ? form : new URLSearchParams(form ?? {}).toString();
  return {
    method: asked.method ?? (form === undefined ? 'GET' : 'POST'),
    target,
    route: target,
    query,
    headers: asked.headers ?? {},
    reach: reachOf(asked.origin ?? 'https://login.microsoftonline.com'),
    requestId,
    receivedAt: clock.civil(),
    receivedReal: clock.real(),
    remoteAddress: '127.0.0.1',
    stream: Readable.from(body === '' ? [] : [Buffer.from(body)]),
  };
}

async function makeKeys(): Promise<SigningKeys> {
  const { store, remove } = await openStore();
  const random = seededRandom('keys');
  const seal = sealWith(random.bytes(32), random);
  const keys = await openSigningKeys({ store, seal, random, clock: fixedClock(defaultStart) });
  await remove();
  return keys;
}

/** An empty store with the tables of directory and authority, in a folder of its own. */
export async function openStore(): Promise<{
  readonly store: Store;
  readonly remove: () => Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-authority-'));
  const path = join(folder, 'batten.db');
  const store = new SqliteStore(path, [...directoryMigrations, ...authorityMigrations]);
  const remove = async (): Promise<void> => {
    await store.close();
    await rm(folder, { recursive: true });
  };
  return { store, remove };
}
