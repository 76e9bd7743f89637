import type { Seal } from '#kernel/seal.ts';
import type { RunSpec } from './engine.ts';
import { type StartMessage, startMessage } from './protocol.ts';
import type { StoredRun } from './run.store.ts';

/**
 * What a run needs on its node, sealed: environment and addresses of resource files may hold
 * secrets. Throws when it is larger than a start message may be, which its room must have refused.
 */
export function sealSpec(run: RunSpec, id: string, seal: Seal): string {
  const { directory, commandLine, environment, resourceFiles, wallClockMilliseconds } = run;
  const spec = { directory, commandLine, environment, resourceFiles, wallClockMilliseconds };
  const where = { owner: '', pool: '', node: '', epoch: 0, id, attempt: run.attempt };
  if (startMessage({ ...spec, ...where, refusedPorts: [] }) === undefined) {
    throw new Error('a run is beyond what the agent protocol can carry');
  }
  return seal.close(JSON.stringify(spec), contextOf(id));
}

/** The start of a placed run as its node is told. Throws when the row was damaged. */
export function startOf(
  run: StoredRun,
  place: NonNullable<StoredRun['place']>,
  seal: Seal,
  refusedPorts: readonly number[],
): StartMessage {
  const spec: object = JSON.parse(seal.open(run.spec, contextOf(run.id)));
  const { id, attempt } = run;
  const start = startMessage({ ...spec, ...place, id, attempt, refusedPorts });
  if (start === undefined) throw new Error(`the stored run ${id} cannot be read`);
  return start;
}

function contextOf(id: string): string {
  return `engine-run:${id}`;
}
