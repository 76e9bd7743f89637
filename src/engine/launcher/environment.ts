import type { EnvironmentVariable } from '#engine/engine.ts';
import { markerVariable } from './process-tree.ts';

/** What only the node knows of a run. */
export interface RunPlaces {
  readonly id: string;
  readonly pool: string;
  readonly node: string;
  readonly nodeRoot: string;
  readonly taskDirectory: string;
  readonly workingDirectory: string;
  readonly userName: string;
}

/** Where programs are looked for when the task does not say. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The whole environment of a command: what was asked for, over the few variables that every login
 * has. Nothing of the launcher's own environment passes. UNVERIFIED: HOME is the working directory,
 * as seen on Azure's Linux nodes; a recorded `env` would settle it.
 */
export function environmentOf(
  asked: readonly EnvironmentVariable[],
  places: RunPlaces,
): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {
    PATH: defaultPath,
    HOME: places.workingDirectory,
    USER: places.userName,
    LOGNAME: places.userName,
    TMPDIR: '/tmp',
  };
  for (const { name, value, expand } of asked) {
    environment[name] = expand === true ? expanded(value, places) : value;
  }
  environment[markerVariable] = places.id;
  return environment;
}

/**
 * Replaces the names of `EnvironmentVariable` in one pass, so that a replaced value is not looked
 * at again.
 */
function expanded(value: string, places: RunPlaces): string {
  const known: Readonly<Record<string, string>> = {
    node: places.node,
    nodeRoot: places.nodeRoot,
    pool: places.pool,
    taskDirectory: places.taskDirectory,
  };
  return value.replace(/\$\{(\w+)\}/g, (written, name: string) => known[name] ?? written);
}
