import { existsSync } from 'node:fs';
import { machineRandom } from '#kernel/random.ts';
import { openSqliteForReading } from '#store/sqlite.ts';
import { trustFilesIn } from './certificates.ts';
import type { Config } from './config.ts';
import { openSeal, pathsIn } from './data-folder.ts';
import { type ClientEnvironment, explicitEnvironment, readReadiness } from './environment.ts';
import { noReadyIdentity, notPrepared } from './faults.ts';
import { readServerRecord } from './server-record.ts';

/**
 * The variables of a data folder, whether its server runs or not, from what `up` left there; nothing is changed. Throws a `StartRefusal`
 * when `up` never ran on it, or when it has no ready identity.
 */
export async function readEnvironment(config: Config): Promise<ClientEnvironment> {
  const { dataFolder } = config;
  const paths = pathsIn(dataFolder);
  const server = await readServerRecord(dataFolder);
  if (server === undefined || !existsSync(paths.database)) throw notPrepared(dataFolder);
  const seal = await openSeal(dataFolder, config.keyFile, machineRandom());
  const store = openSqliteForReading(paths.database);
  try {
    const readiness = await readReadiness(store, seal);
    if (readiness === undefined) throw noReadyIdentity(dataFolder);
    return explicitEnvironment(readiness, server.url, trustFilesIn(paths.certificates));
  } finally {
    await store.close();
  }
}
