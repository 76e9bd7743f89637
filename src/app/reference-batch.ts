import { readFileSync } from 'node:fs';
import { jobPatchShape, jobShape, jobTerminateShape, jobUpdateShape } from '#batch/job.settings.ts';
import { poolPatchShape, poolResizeShape, poolShape } from '#batch/pool.settings.ts';
import { readBody, type Shape } from '#batch/shape.ts';
import { taskShape, taskUpdateShape } from '#batch/task.settings.ts';
import { type BatchVersion, batchVersions } from '#batch/version.ts';
import { isFault } from '#kernel/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '#kernel/json.ts';

/** What becomes of a property when a client sends it. */
export type Verdict = 'taken' | 'lacking' | 'unknown';

/** A property of a request body of the Batch service, and what becomes of it. */
export interface JudgedProperty {
  readonly operationIds: readonly string[];
  /** `virtualMachineConfiguration.dataDisks`, `resourceFiles[].blobPrefix`, `onTaskFailure: performexitoptionsjobaction`. */
  readonly path: string;
  readonly verdict: Verdict;
  /** First and last api-version that have the property; absent means no bound. */
  readonly from?: string;
  readonly until?: string;
}

/** A request body: who takes it, how it is read, what Azure calls it, and the least that is taken. */
interface RequestBody {
  readonly operationIds: readonly string[];
  readonly shape: Shape;
  /** Name of the type in the client's wire.json; absent where it has none. */
  readonly wireType?: string;
  readonly least: JsonObject;
}

const leastPool: JsonObject = {
  id: 'pool',
  vmSize: 'standard_d2s_v3',
  virtualMachineConfiguration: {
    imageReference: { publisher: 'canonical', offer: 'ubuntu', sku: 'lts' },
    nodeAgentSKUId: 'batch.node.ubuntu',
  },
};
const leastJobChange: JsonObject = { poolInfo: { poolId: 'pool' } };
const leastJob: JsonObject = { id: 'job', ...leastJobChange };
const leastTask: JsonObject = { id: 'task', commandLine: 'true' };

const requestBodies: readonly RequestBody[] = [
  { operationIds: ['Pool_Add'], shape: poolShape, wireType: 'PoolToAdd', least: leastPool },
  { operationIds: ['Pool_Patch'], shape: poolPatchShape, least: {} },
  { operationIds: ['Pool_Resize'], shape: poolResizeShape, wireType: 'PoolResize', least: {} },
  { operationIds: ['Job_Add'], shape: jobShape, wireType: 'JobToAdd', least: leastJob },
  {
    operationIds: ['Job_Update'],
    shape: jobUpdateShape,
    wireType: 'JobPatch',
    least: leastJobChange,
  },
  { operationIds: ['Job_Patch'], shape: jobPatchShape, wireType: 'JobPatch', least: {} },
  {
    operationIds: ['Job_Terminate'],
    shape: jobTerminateShape,
    wireType: 'JobTermination',
    least: {},
  },
  {
    operationIds: ['Task_Add', 'Task_AddCollection'],
    shape: taskShape,
    wireType: 'TaskToAdd',
    least: leastTask,
  },
  { operationIds: ['Task_Update'], shape: taskUpdateShape, least: {} },
];

/** Azure's own types, as the client has them: properties by type (`?` marks what may be absent), words by enumeration. */
interface Wire {
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly shapes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Sends every property that Azure has to the reader of its request body, and says what came of it. Properties below one that is
 * lacking are left out, since it speaks for them.
 */
export function judgeBatchProperties(): readonly JudgedProperty[] {
  const text = readFileSync(new URL('../client/wire.json', import.meta.url), 'utf8');
  const wire = JSON.parse(text) as Wire;
  return requestBodies.flatMap((body) => {
    const documented = wire.shapes[body.wireType ?? ''] ?? {};
    const types = new Map(Object.entries(documented).map(([key, type]) => [bare(key), type]));
    const names = new Set([...types.keys(), ...Object.keys(body.shape)]);
    return [...names].flatMap((name) => {
      const { from, until } = body.shape[name] ?? {};
      const version = until ?? newestVersion;
      const found = judge({ wire, body, version }, [], name, types.get(name) ?? 'unknown');
      return found.map((one) => ({
        operationIds: body.operationIds,
        ...one,
        ...(from === undefined ? {} : { from }),
        ...(until === undefined ? {} : { until }),
      }));
    });
  });
}

const newestVersion: BatchVersion = batchVersions[batchVersions.length - 1] ?? '2025-06-01';

interface Trial {
  readonly wire: Wire;
  readonly body: RequestBody;
  readonly version: BatchVersion;
}

/** One step from a body to a property below it; `least` stands around what comes after it. */
interface Step {
  readonly name: string;
  readonly isList: boolean;
  readonly least: JsonObject;
}

type Found = Pick<JudgedProperty, 'path' | 'verdict'>;

function judge(trial: Trial, above: readonly Step[], name: string, type: string): Found[] {
  const { wire } = trial;
  const isList = type.endsWith('[]');
  const itemType = isList ? type.slice(0, -2) : type;
  const step: Step = { name, isList, least: leastOf(wire, itemType) };
  const steps = [...above, step];
  const path = steps.map((one) => `${one.name}${one.isList ? '[]' : ''}`).join('.');

  const words = wire.enums[itemType];
  if (words !== undefined) return judgeWords(trial, steps, path, words);
  const verdict = verdictOn(trial, steps, sampleOf(itemType));
  const below = wire.shapes[itemType];
  if (verdict !== 'taken' || below === undefined) return [{ path, verdict }];
  return Object.entries(below).flatMap(([key, inner]) => judge(trial, steps, bare(key), inner));
}

/** An enumeration lacks some of its words, or all and then itself. */
function judgeWords(
  trial: Trial,
  steps: readonly Step[],
  path: string,
  words: readonly string[],
): Found[] {
  const verdicts = words.map((word) => verdictOn(trial, steps, word));
  const [first] = verdicts;
  if (first !== undefined && verdicts.every((one) => one === first)) {
    return [{ path, verdict: first }];
  }
  return words.map((word, index) => ({
    path: `${path}: ${word}`,
    verdict: verdicts[index] ?? 'unknown',
  }));
}

/** Name of a property that no type has: an object that holds it is neither empty nor right anywhere. */
const probe = 'probe';

function verdictOn({ body, version }: Trial, steps: readonly Step[], value: Json): Verdict {
  const sent = placed(body.least, steps, value);
  const outcome = readBody(body.shape, sent, version);
  if (!isFault(outcome)) return 'taken';
  if (outcome.status === 501) return 'lacking';
  const name = steps.at(-1)?.name ?? '';
  const told = JSON.stringify(outcome.values ?? []);
  if (told.includes(`'${name}'`)) return 'unknown';
  // Whatever is wrong with the value that was tried, its property is looked at.
  if (told.includes(`"${name}"`) || told.includes(`'${probe}'`)) return 'taken';
  throw new Error(`${name} was not reached in ${JSON.stringify(sent)}: ${told}`);
}

/** The object with a value at the end of the steps. */
function placed(parent: JsonObject, [step, ...rest]: readonly Step[], value: Json): JsonObject {
  if (step === undefined) return parent;
  const old = parent[step.name];
  const inner =
    rest.length === 0 ? value : placed(isJsonObject(old) ? old : step.least, rest, value);
  return { ...parent, [step.name]: step.isList ? [inner] : inner };
}

/** What an object of a type must hold. */
function leastOf(wire: Wire, type: string): JsonObject {
  const needed = Object.entries(wire.shapes[type] ?? {}).filter(([key]) => !key.endsWith('?'));
  return Object.fromEntries(
    needed.map(([key, inner]) => [key, wire.enums[inner]?.[0] ?? sampleOf(inner)]),
  );
}

function sampleOf(type: string): Json {
  switch (type) {
    case 'string':
      return 'text';
    case 'number':
      return 1;
    case 'boolean':
      return true;
    default:
      return { [probe]: true };
  }
}

function bare(key: string): string {
  return key.endsWith('?') ? key.slice(0, -1) : key;
}
