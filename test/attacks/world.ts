import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import type { ClockMove } from '#app/clock-move.ts';
import type { ClientEnvironment } from '#app/environment.ts';
import { type HouseOptions, openHouse } from '#app/house.ts';
import { addSecret, type RegisteredApplication, registerApplication } from '#app/tour-identity.ts';
import { type RestClient, restClient, servicePrincipal } from '#client/client.ts';
import { type Answer, ask, type Question } from '../lock/ask.ts';

/** A Batten that is attacked, in this process so that its clock can be moved. */
export interface AttackedWorld {
  readonly dataFolder: string;
  readonly env: ClientEnvironment;
  readonly agent: Agent;
  readonly url: string;
  readonly tenantId: string;
  readonly account: string;
  /** Graph and Resource Manager as the ready service principal, who may do everything. */
  readonly graph: RestClient;
  readonly arm: RestClient;
  ask(question: Question): Promise<Answer>;
  /** A token of the ready service principal for a resource, such as `https://management.azure.com/`. */
  tokenFor(resource: string): Promise<string>;
  /** Sends a form to a token endpoint: that of v2 in the ready tenant unless another is named. */
  token(form: Readonly<Record<string, string>>, target?: string): Promise<Answer>;
  register(name: string, change?: object): Promise<Registered>;
  moveClock(move: ClockMove): Promise<void>;
  /**
   * Runs an attack and asserts that it left nothing behind: every row of every table and every file
   * is as before, but for the event log, and for the tables that this attempt may rightly write.
   */
  unchanged<Result>(
    attempt: () => Promise<Result>,
    ...written: readonly WrittenTable[]
  ): Promise<Result>;
}

/** An application with a secret. */
export interface Registered extends RegisteredApplication {
  readonly secret: string;
}

/** What a refused person may rightly write: how far her sign-in has come, and what she guessed wrong. */
type WrittenTable = 'sign_in_attempt' | 'sign_in_failure';

/** What every request writes, and the database's own. */
const passingTables = /^(recorded_event$|sqlite_)/;
/** The database, whose rows are compared, and what the node agent writes by itself. */
const passingFiles = /^(batten\.db|engine\/|launcher\/)/;

/** Opens a Batten for the tests of this file. */
export async function openAttackedWorld(options: HouseOptions = {}): Promise<AttackedWorld> {
  const house = await openHouse({ hasDevClock: true, ...options });
  after(() => house.close());
  const env = await house.environment();
  assert.ok(env);
  const word = (name: string): string => env[name] ?? '';
  const agent = new Agent({ ca: readFileSync(word('BATTEN_CA_FILE')), keepAlive: true });
  after(() => agent.destroy());
  const [url, tenantId] = [word('BATTEN_URL'), word('AZURE_TENANT_ID')];
  const credentials = {
    tenantId,
    clientId: word('AZURE_CLIENT_ID'),
    clientSecret: word('AZURE_CLIENT_SECRET'),
    authorityHost: url,
    agent,
  };
  const rest = (resource: string) =>
    restClient(url, servicePrincipal({ ...credentials, resource }), { agent });
  const graph = rest('https://graph.microsoft.com');
  const world: AttackedWorld = {
    dataFolder: house.dataFolder,
    ...{ env, agent, url, tenantId, graph },
    account: word('AZURE_BATCH_ACCOUNT'),
    arm: rest('https://management.azure.com/'),
    ask: (question) => ask({ env, agent }, question),
    token: (form, target = `/${tenantId}/oauth2/v2.0/token`) => world.ask({ target, form }),
    async tokenFor(resource) {
      const { json } = await world.token({
        grant_type: 'client_credentials',
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
        scope: `${resource}/.default`,
      });
      return (json as { readonly access_token: string }).access_token;
    },
    async register(name, change) {
      const application = await registerApplication(graph, name);
      const secret = await addSecret(graph, application);
      if (change !== undefined) {
        await graph.call('PATCH', `/v1.0/applications/${application.objectId}`, change);
      }
      return { ...application, secret };
    },
    moveClock: async (move) => void (await house.moveClock(move)),
    async unchanged(attempt, ...written) {
      const before = contentOf(house.dataFolder, written);
      const result = await attempt();
      const now = contentOf(house.dataFolder, written);
      assert.deepEqual(now, before, 'a refused attempt changed nothing');
      return result;
    },
  };
  return world;
}

/** Digests of everything that a refusal may not change, by table and by file. */
function contentOf(
  dataFolder: string,
  written: readonly WrittenTable[],
): Readonly<Record<string, string>> {
  const database = new DatabaseSync(join(dataFolder, 'batten.db'), { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const names = tables
      .map(({ name }) => `${name}`)
      .filter((name) => !passingTables.test(name) && !written.some((one) => one === name));
    const digests = names.map((name) => {
      const rows = database.prepare(`SELECT * FROM ${name}`).all();
      const text = rows.map((row) => JSON.stringify(row)).sort();
      return [name, digestOf(text.join('\n'))];
    });
    return Object.fromEntries([...digests, ...filesOf(dataFolder)]);
  } finally {
    database.close();
  }
}

function filesOf(dataFolder: string): readonly (readonly [path: string, digest: string])[] {
  const entries = readdirSync(dataFolder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(dataFolder, path), path] as const)
    .filter(([name]) => !passingFiles.test(name))
    .map(([name, path]) => [name, digestOf(readFileSync(path))]);
}

function digestOf(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
