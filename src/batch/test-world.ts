import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Compat } from '#cloud/compat.ts';
import type { Guard } from '#guard/authorize.ts';
import type { BearerProblem } from '#guard/bearer.ts';
import type { Reply } from '#http/operation.ts';
import type { HttpRequest, Reach } from '#http/request.ts';
import { below, parseQuery, parseTarget } from '#http/target.ts';
import { type FixedClock, fixedClock } from '#kernel/clock.ts';
import { addSeconds, httpDateOf, parseInstant } from '#kernel/instant.ts';
import { silentLog } from '#kernel/log.ts';
import { seededRandom } from '#kernel/random.ts';
import { type Seal, sealWith } from '#kernel/seal.ts';
import { decide, type PolicyAssignment, policyOf } from '#rbac/decide.ts';
import { builtInRoles, type PermissionSet } from '#rbac/role-definition.ts';
import { resourceScope } from '#rbac/scope.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { accountKeys, addAccount } from './account.store.ts';
import type { BatchAccount } from './account.ts';
import type { TokenCaller } from './caller.ts';
import { accountMigrations } from './migrations/account.ts';
import { batchMigrations } from './migrations.ts';
import { batchObserver } from './observer.ts';
import { type BatchSurface, batchSurface } from './surface.ts';
import { sweepOnce } from './sweep.ts';
import { TestEngine } from './test-engine.ts';

/** A reply as a client reads it. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect to be there.
  readonly json: any;
}

/** How a test asks. */
export interface Ask {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Who calls: a name given to `world.grant`, or `key` for the shared key; `owner` when absent. */
  readonly as?: string;
  readonly version?: string;
  readonly account?: string;
  /** Address that the request comes from; this machine when absent. */
  readonly from?: string;
}

/** The tenant of the account and of every caller but strangers. */
export const tenantId = 'aaaaaaaa-0000-4000-8000-000000000001';
/** The api-version of a test that names none: the newest that was recorded. */
export const latestVersion = '2024-02-01.19.0';
const startedAt = parseInstant('2026-11-20T09:00:00.1234Z');

/**
 * The Batch service over a store in a temporary folder, with an engine in memory and callers by
 * name.
 */
export class BatchWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'batten-batch-'));
  readonly clock: FixedClock;
  readonly seal: Seal;
  readonly random = seededRandom('batch');
  readonly store: SqliteStore;
  readonly engine: TestEngine;
  readonly surface: BatchSurface;
  readonly #assignments: PolicyAssignment[] = [];
  readonly #problems = new Map<string, BearerProblem>();

  constructor(compat: Compat = 'azure') {
    assert.ok(startedAt);
    this.clock = fixedClock(startedAt);
    this.seal = sealWith(new Uint8Array(32).fill(7), this.random);
    const path = join(this.folder, 'batch.sqlite');
    this.store = new SqliteStore(path, [...accountMigrations, ...batchMigrations]);
    const { clock, seal, store, random } = this;
    const log = silentLog;
    this.engine = new TestEngine(store, clock);
    this.engine.observer = batchObserver({ engine: () => this.engine, seal, log });
    const { engine } = this;
    const guard = this.#guard();
    this.surface = batchSurface({ guard, store, engine, seal, clock, random, log, compat });
    this.grant('owner', 'Owner');
  }

  /** Opens a world with the account `contoso`. */
  static async open(more: Partial<BatchAccount> = {}, compat?: Compat): Promise<BatchWorld> {
    const world = new BatchWorld(compat);
    await world.account(more);
    return world;
  }

  async account(more: Partial<BatchAccount> = {}): Promise<BatchAccount> {
    const account = { ...contoso(this.clock), ...more };
    await this.store.write((tx) => addAccount(tx, this.seal, this.random, account));
    return account;
  }

  /** Gives a role to a caller at a scope: a built-in role by name, or permissions. */
  grant(name: string, role: string | Partial<PermissionSet>, scope = '/subscriptions/s1'): void {
    const builtIn = builtInRoles.find(({ roleName }) => roleName === role);
    const [template] = builtInRoles;
    assert.ok(template);
    const none = { actions: [], notActions: [], dataActions: [], notDataActions: [] };
    if (typeof role === 'string') assert.ok(builtIn, `there is a role ${role}`);
    const custom = typeof role === 'string' ? none : { ...none, ...role };
    this.#assignments.push({
      assignmentId: `${scope}/${name}`,
      principalId: name,
      scope: resourceScope(scope),
      role: builtIn ?? { ...template, permissionSets: [custom] },
    });
  }

  /** Makes the guard refuse the token of a caller. */
  refuse(name: string, problem: BearerProblem): void {
    this.#problems.set(name, problem);
  }

  /** Sends a request to the account, below its own address. */
  async ask(method: string, pathAndQuery: string, ask: Ask = {}): Promise<Answer> {
    const mark = pathAndQuery.includes('?') ? '&' : '?';
    const version = ask.version ?? latestVersion;
    const raw = version === '' ? pathAndQuery : `${pathAndQuery}${mark}api-version=${version}`;
    return this.send(method, raw, ask);
  }

  /** Sends a raw target as it stands. */
  async send(method: string, raw: string, ask: Ask = {}): Promise<Answer> {
    const body = ask.body === undefined ? '' : textOf(ask.body);
    const sized = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const headers = { ...sized, ...ask.headers };
    const request = this.#request(method, raw, body, headers, ask.account ?? 'contoso');
    const authorization =
      ask.headers?.['authorization'] ?? (await this.#authorization(request, ask));
    const reply = await this.surface.handle({
      ...request,
      remoteAddress: ask.from ?? request.remoteAddress,
      headers: authorization === '' ? headers : { ...headers, ...this.#dates(ask), authorization },
    });
    return answerOf(reply);
  }

  /** Runs the sweep once, `seconds` later. */
  async sweep(seconds = 0): Promise<void> {
    this.clock.advanceSeconds(seconds);
    const { store, engine, seal, clock } = this;
    while (await sweepOnce({ store, engine, seal, clock, log: silentLog }));
  }

  /** How many rows of each table there are, to show that a refusal changed nothing. */
  async rows(): Promise<Readonly<Record<string, number>>> {
    const counts: Record<string, number> = {};
    for (const table of ['pool', 'node', 'job', 'task']) {
      const sql = `SELECT COUNT(*) AS n FROM ${table}`;
      const row = await this.store.read((tx) => tx.one({ name: `test.count.${table}`, sql }));
      counts[table] = Number(row?.['n']);
    }
    return counts;
  }

  async close(): Promise<void> {
    await this.surface.close();
    await this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #guard(): Guard {
    return {
      caller: async (request) => {
        const name = request.headers['authorization']?.replace(/^Bearer /, '') ?? '';
        return this.#problems.get(name) ?? callerNamed(name);
      },
      authorize: async (caller, requests) => {
        const policy = policyOf(this.#assignments);
        const decisions = requests.map((one) => decide(policy, caller.principalIds, one));
        return decisions.find(({ allowed }) => !allowed) ?? { allowed: true, considered: [] };
      },
    };
  }

  #request(
    method: string,
    raw: string,
    body: string,
    headers: Readonly<Record<string, string>>,
    account: string,
  ): HttpRequest {
    const target = parseTarget(raw);
    assert.ok(target);
    const query = parseQuery(target.query);
    assert.ok(query);
    return {
      method,
      target,
      route: below(target, 0),
      query,
      headers,
      reach: reachOf(account),
      requestId: this.random.guid(),
      receivedAt: this.clock.civil(),
      receivedReal: this.clock.real(),
      remoteAddress: '127.0.0.1',
      stream: Readable.from(body === '' ? [] : [Buffer.from(body)]),
    };
  }

  #dates(ask: Ask): Readonly<Record<string, string>> {
    return ask.as === 'key' ? { 'ocp-date': httpDateOf(this.clock.real()) } : {};
  }

  async #authorization(request: HttpRequest, ask: Ask): Promise<string> {
    if (ask.as === 'nobody') return '';
    if (ask.as !== 'key') return `Bearer ${ask.as ?? 'owner'}`;
    const keys = await this.store.read((tx) => accountKeys(tx, this.seal, 'contoso'));
    assert.ok(keys);
    return `SharedKey contoso:${signatureOf(request, this.#dates(ask), keys.secondary)}`;
  }
}

/** A caller whose object id is its name; one named `stranger` is of another tenant. */
export function callerNamed(name: string, tenant = tenantId): TokenCaller {
  return {
    tenantId: name.startsWith('stranger') ? 'bbbbbbbb-0000-4000-8000-000000000002' : tenant,
    objectId: name,
    principalType: 'ServicePrincipal',
    appId: name,
    displayName: name,
    principalIds: [name],
    directoryRoleIds: [],
    oauthScopes: [],
    appRoles: [],
    claims: {},
  };
}

/** A pool body that Azure accepts. */
export function poolBody(id: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    id,
    vmSize: 'STANDARD_D2S_V3',
    virtualMachineConfiguration: {
      imageReference: {
        publisher: 'canonical',
        offer: '0001-com-ubuntu-server-jammy',
        sku: '22_04-lts',
      },
      nodeAgentSKUId: 'batch.node.ubuntu 22.04',
    },
    ...more,
  };
}

function contoso(clock: FixedClock): BatchAccount {
  const at = addSeconds(clock.civil(), -60);
  return {
    name: 'contoso',
    tenantId,
    subscriptionId: 's1',
    resourceGroup: 'rg1',
    location: 'westeurope',
    resourceId:
      '/subscriptions/s1/resourceGroups/rg1/providers/Microsoft.Batch/batchAccounts/contoso',
    provisioningState: 'Succeeded',
    allowedAuthenticationModes: ['SharedKey', 'AAD'],
    poolAllocationMode: 'BatchService',
    dedicatedCoreQuota: 20,
    lowPriorityCoreQuota: 20,
    poolQuota: 100,
    activeJobAndJobScheduleQuota: 300,
    tags: {},
    createdAt: at,
    lastModifiedAt: at,
  };
}

function reachOf(account: string): Reach {
  const host = `${account}.westeurope.batch.azure.com`;
  return {
    surface: 'batch',
    cloud: 'public',
    origin: `https://${host}`,
    host,
    base: [],
    labels: { account, region: 'westeurope' },
    explicit: false,
  };
}

function signatureOf(
  request: HttpRequest,
  dates: Readonly<Record<string, string>>,
  key: string,
): string {
  const { headers } = request;
  const lines = [request.method, '', '', headers['content-length'] ?? '', '', '', ''];
  const conditions = ['if-modified-since', 'if-match', 'if-none-match', 'if-unmodified-since'];
  for (const name of [...conditions, 'range']) lines.push(headers[name] ?? '');
  const own = { ...headers, ...dates } as Readonly<Record<string, string>>;
  const ocp = Object.keys(own).filter((name) => name.startsWith('ocp-'));
  for (const name of ocp.sort()) lines.push(`${name}:${own[name]}`);
  lines.push(`/contoso${request.target.path}`);
  const query = [...request.query].sort((one, other) => (one.name < other.name ? -1 : 1));
  for (const { name, value } of query) lines.push(`${name}:${value}`);
  const bytes = Buffer.from(key, 'base64');
  return createHmac('sha256', bytes).update(lines.join('\n')).digest('base64');
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

async function answerOf(reply: Reply): Promise<Answer> {
  let text = reply.text ?? '';
  if (reply.stream !== undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of reply.stream) chunks.push(Buffer.from(chunk as Buffer));
    text = Buffer.concat(chunks).toString('utf8');
  }
  const type = reply.contentType;
  const headers = { ...reply.headers, ...(type === undefined ? {} : { 'Content-Type': type }) };
  const json = type?.startsWith('application/json') && text !== '' ? JSON.parse(text) : undefined;
  return { status: reply.status, headers, text, json };
}
