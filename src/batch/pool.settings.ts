import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { Json } from '#kernel/json.ts';
import { invalidProperty, notImplemented, unsupportedImage } from './faults.ts';
import images from './images.json' with { type: 'json' };
import { displayNameCharactersMax, metadataList } from './job.settings.ts';
import type { Pool } from './pool.ts';
import {
  anyObject,
  duration,
  entityId,
  fallback,
  flag,
  notYet,
  notYetFlag,
  notYetList,
  object,
  onlyYet,
  optional,
  type Reader,
  required,
  type Shaped,
  text,
  whole,
  word,
} from './shape.ts';
import { runOf } from './stored-settings.ts';
import type { BatchVersion } from './version.ts';
import vmSizes from './vm-sizes.json' with { type: 'json' };

const minutesToMilliseconds = 60_000;

/** Shortest resizeTimeout. */
export const resizeTimeoutMillisecondsMin = 5 * minutesToMilliseconds;

/** Most nodes of one kind that may be asked for; quotas are far below. */
export const targetNodesMax = 100_000;

const slotsPerCoreMax = 4;
const slotsMax = 256;

const targetNodes = whole(0, targetNodesMax);

/** Nodes that may be taken away at any time: Batten has none. */
const noSpotNodes: Reader<number> = (value, name, version) => {
  const count = targetNodes(value, name, version);
  return isFault(count) || count === 0 ? count : notImplemented(name);
};

const imageReference = object({
  publisher: required(text(256)),
  offer: required(text(256)),
  sku: required(text(256)),
  version: fallback(text(256), 'latest'),
  virtualMachineImageId: notYet(),
  sharedGalleryImageId: notYet({ from: '2024-07-01.20.0' }),
  communityGalleryImageId: notYet({ from: '2024-07-01.20.0' }),
});

const virtualMachine = object({
  imageReference: required(imageReference),
  nodeAgentSKUId: required(text(256)),
  windowsConfiguration: notYet(),
  dataDisks: notYetList(),
  licenseType: notYet(),
  containerConfiguration: notYet(),
  diskEncryptionConfiguration: notYet(),
  nodePlacementConfiguration: optional(
    object({ policy: fallback(onlyYet('Regional', 'Zonal'), 'Regional') }),
  ),
  extensions: notYetList(),
  osDisk: notYet(),
  securityProfile: notYet({ from: '2023-11-01.18.0' }),
  serviceArtifactReference: notYet({ from: '2023-11-01.18.0' }),
});

const scheduling = object({
  jobDefaultOrder: optional(onlyYet('none', 'creationtime'), { from: '2025-06-01' }),
  nodeFillType: fallback(onlyYet('Spread', 'Pack'), 'Spread'),
});

const noCertificates: Reader<readonly never[]> = (value, name) =>
  Array.isArray(value) && value.length === 0 ? [] : notImplemented(name);

/** Body of POST /pools, in the order in which a pool is written back. */
export const poolShape = {
  id: required(entityId),
  displayName: optional(text(displayNameCharactersMax)),
  vmSize: required(text(256)),
  cloudServiceConfiguration: notYet({ until: '2024-02-01.19.0' }),
  resizeTimeout: fallback(duration(resizeTimeoutMillisecondsMin), 'PT15M'),
  targetDedicatedNodes: fallback(targetNodes, 0),
  targetLowPriorityNodes: fallback(noSpotNodes, 0),
  enableAutoScale: notYetFlag(),
  autoScaleFormula: notYet(),
  autoScaleEvaluationInterval: notYet(),
  enableInterNodeCommunication: fallback(flag, false),
  startTask: notYet(),
  userAccounts: notYetList(),
  certificateReferences: optional(noCertificates, { until: '2024-07-01.20.0' }),
  applicationPackageReferences: notYetList(),
  applicationLicenses: notYetList({ until: '2024-02-01.19.0' }),
  metadata: optional(metadataList),
  taskSlotsPerNode: fallback(whole(1, slotsMax), 1),
  taskSchedulingPolicy: fallback(scheduling, { nodeFillType: 'Spread' }),
  virtualMachineConfiguration: required(virtualMachine),
  networkConfiguration: notYet(),
  mountConfiguration: notYetList(),
  upgradePolicy: notYet({ from: '2024-02-01.19.0' }),
  resourceTags: optional(anyObject, { from: '2023-11-01.18.0', until: '2024-07-01.20.0' }),
  targetNodeCommunicationMode: optional(word('default', 'classic', 'simplified'), {
    until: '2024-07-01.20.0',
  }),
};

/** Body of PATCH /pools/{poolId}: what is left out stays. */
export const poolPatchShape = {
  displayName: optional(text(displayNameCharactersMax), { from: '2024-07-01.20.0' }),
  metadata: optional(metadataList),
  targetNodeCommunicationMode: poolShape.targetNodeCommunicationMode,
  certificateReferences: poolShape.certificateReferences,
  startTask: notYet(),
  applicationPackageReferences: notYetList(),
  vmSize: notYet({ from: '2024-07-01.20.0' }),
  enableInterNodeCommunication: notYet({ from: '2024-07-01.20.0' }),
  virtualMachineConfiguration: notYet({ from: '2024-07-01.20.0' }),
  taskSlotsPerNode: notYet({ from: '2024-07-01.20.0' }),
  taskSchedulingPolicy: notYet({ from: '2024-07-01.20.0' }),
  networkConfiguration: notYet({ from: '2024-07-01.20.0' }),
  userAccounts: notYetList({ from: '2024-07-01.20.0' }),
  mountConfiguration: notYetList({ from: '2024-07-01.20.0' }),
  upgradePolicy: notYet({ from: '2024-07-01.20.0' }),
  resourceTags: notYet({ from: '2024-07-01.20.0', until: '2024-07-01.20.0' }),
};

/** Body of POST /pools/{poolId}/resize. */
export const poolResizeShape = {
  targetDedicatedNodes: optional(targetNodes),
  targetLowPriorityNodes: optional(noSpotNodes),
  resizeTimeout: optional(duration(resizeTimeoutMillisecondsMin)),
  nodeDeallocationOption: optional(removalOption()),
};

/** A pool as its client wrote it. */
export type PoolBody = Shaped<typeof poolShape>;

/** What the size, image and slots of a new pool come to, or why Azure would not have them. */
export function poolHardware(
  body: PoolBody,
): { readonly vmSize: string; readonly cores: number } | Fault {
  const vmSize = fold(body.vmSize);
  const cores = coresOf(vmSize);
  if (cores === undefined) return invalidProperty('vmSize', body.vmSize);
  const { publisher, offer, sku } = body.virtualMachineConfiguration.imageReference;
  const agents = agentsOf(publisher, offer, sku);
  if (agents.length === 0) return unsupportedImage(publisher, offer, sku);
  const { nodeAgentSKUId } = body.virtualMachineConfiguration;
  if (!agents.includes(fold(nodeAgentSKUId)))
    return invalidProperty('nodeAgentSKUId', nodeAgentSKUId);
  const slots = body.taskSlotsPerNode;
  if (slots > Math.min(slotsPerCoreMax * cores, slotsMax)) {
    return invalidProperty('taskSlotsPerNode', String(slots));
  }
  return { vmSize, cores };
}

/** The run of JSON properties that a pool stores, in the order in which Azure writes them. */
export function poolSettingsText(body: PoolBody): string {
  return runOf(pick(body, storedNames));
}

/** What a pool stores, changed by a patch. */
export function patchedSettings(pool: Pool, patch: Shaped<typeof poolPatchShape>): string {
  const { displayName: _name, ...changes } = patch;
  return runOf(pick({ ...storedOf(pool), ...changes }, storedNames));
}

/** What a pool stores, as an api-version may see it: some properties came and went. */
export function settingsIn(pool: Pool, version: string): string {
  const shape: Readonly<
    Record<string, { readonly from?: BatchVersion; readonly until?: BatchVersion }>
  > = poolShape;
  const stored = storedOf(pool);
  const seen = Object.keys(stored).filter((name) => {
    const { from = '', until = '~' } = shape[name] ?? {};
    return version >= from && version <= until;
  });
  return runOf(pick(stored, seen));
}

/** The image of a pool's nodes. */
export function imageOf(pool: Pool): Json {
  const machine = storedOf(pool)['virtualMachineConfiguration'] as {
    readonly imageReference: Json;
  };
  return machine.imageReference;
}

const storedNames = [
  'enableInterNodeCommunication',
  'certificateReferences',
  'metadata',
  'taskSlotsPerNode',
  'taskSchedulingPolicy',
  'virtualMachineConfiguration',
  'resourceTags',
  'targetNodeCommunicationMode',
];

function storedOf(pool: Pool): Readonly<Record<string, unknown>> {
  return JSON.parse(`{${pool.settings}}`) as Readonly<Record<string, unknown>>;
}

function pick(
  source: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const present = names.filter((name) => source[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, source[name]]));
}

function coresOf(vmSize: string): number | undefined {
  const known: Readonly<Record<string, number>> = vmSizes;
  return Object.hasOwn(known, vmSize) ? known[vmSize] : undefined;
}

/** The node agents that Azure lists, or once listed, for an image; folded. */
function agentsOf(publisher: string, offer: string, sku: string): readonly string[] {
  const wanted = imageKey({ publisher, offer, sku });
  const current = images.supported.filter(
    ({ imageReference }) => imageKey(imageReference) === wanted,
  );
  const former = images.formerlySupported.filter((image) => imageKey(image) === wanted);
  return [...current, ...former].map(({ nodeAgentSKUId }) => fold(nodeAgentSKUId));
}

function imageKey(image: { publisher: string; offer: string; sku: string }): string {
  return fold([image.publisher, image.offer, image.sku].join(' '));
}

function removalOption(): Reader<'requeue' | 'terminate'> {
  const read = word('requeue', 'terminate', 'taskcompletion', 'retaineddata');
  return (value, name, version) => {
    const option = read(value, name, version);
    if (isFault(option) || option === 'requeue' || option === 'terminate') return option;
    return notImplemented(`${name} ${option}`);
  };
}
