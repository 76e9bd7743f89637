import { existsSync } from 'node:fs';
import { machineRandom } from '#kernel/random.ts';
import { openSqliteForReading } from '#store/sqlite.ts';
import { trustFilesIn } from './certificates.ts';
import type { Config } from './config.ts';
import { openSeal, pathsIn, unlessSealedOtherwise } from './data-folder.ts';
import { type Readiness, readReadiness, type TrustFiles } from './environment.ts';
import { notPrepared } from './faults.ts';
import { readServerRecord, type ServerRecord } from './server-record.ts';

/** What `up` left in a data folder for other programs. */
export interface ReadyFiles {
  readonly server: ServerRecord;
  /** Undefined when the folder has no ready identity. */
  readonly readiness: Readiness | undefined;
  readonly trust: TrustFiles;
}

/**
 * Reads what a data folder says of its Batten, whether its server runs or not; nothing is changed. Throws a `StartRefusal` when `up`
 * never ran on it.
 */
export async function readReadyFiles(config: Config): Promise<ReadyFiles> {
  const { dataFolder } = config;
  const paths = pathsIn(dataFolder);
  const server = await readServerRecord(dataFolder);
  if (server === undefined || !existsSync(paths.database)) throw notPrepared(dataFolder);
  const seal = await openSeal(dataFolder, config.keyFile, machineRandom());
  const store = openSqliteForReading(paths.database);
  try {
    const readiness = await unlessSealedOtherwise(dataFolder, () => readReadiness(store, seal));
    return { server, readiness, trust: trustFilesIn(paths.certificates) };
  } finally {
    await store.close();
  }
}
