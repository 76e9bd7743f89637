import { type ResourceIdentityWish, readResourceIdentity } from '#identity/resource-identity.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import { accountFaults, nameTexts } from './account.faults.ts';
import { authenticationModes } from './account.store.ts';
import type { AuthenticationMode } from './account.ts';

/** What a client may say about an account when it makes or changes one; absent means unsaid. */
export interface AccountWish {
  readonly location?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly allowedAuthenticationModes?: readonly AuthenticationMode[];
  readonly identity?: ResourceIdentityWish;
}

/**
 * Most tags of a resource.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
 */
const tagsMax = 50;

/** Properties that Azure computes; a client that sends back what it read means nothing by them. */
const readOnlyProperties: ReadonlySet<string> = new Set([
  'accountEndpoint',
  'nodeManagementEndpoint',
  'provisioningState',
  'dedicatedCoreQuota',
  'lowPriorityCoreQuota',
  'dedicatedCoreQuotaPerVMFamily',
  'dedicatedCoreQuotaPerVMFamilyEnforced',
  'poolQuota',
  'activeJobAndJobScheduleQuota',
  'privateEndpointConnections',
]);

/**
 * Why a text cannot name an account; undefined when it can.
 * Source: https://learn.microsoft.com/rest/api/batchmanagement/batch-account/create
 */
export function accountNameProblem(name: string): string | undefined {
  if (name.length < 3 || name.length > 24) return nameTexts.length;
  return /^[a-z0-9]+$/.test(name) ? undefined : nameTexts.characters;
}

/**
 * Reads the body of a PUT or PATCH. What Batten lacks is refused by name (501) unless it says what
 * Azure would have taken anyway; nothing is accepted and ignored.
 */
export function readAccountBody(body: JsonObject): AccountWish | Fault {
  const { location, tags, properties } = body;
  if (location !== undefined && typeof location !== 'string') {
    return accountFaults.invalidBody('location must be a string');
  }
  const identity = readResourceIdentity(body['identity']);
  if (isFault(identity)) return identity;
  if (!isNothing(properties) && !isJsonObject(properties)) {
    return accountFaults.invalidBody('properties must be an object');
  }
  const wishes = isJsonObject(properties) ? properties : {};
  const refused = propertiesFault(wishes);
  if (refused !== undefined) return refused;
  const readTags = tagsOf(tags);
  if (readTags === 'invalid') return accountFaults.invalidBody('tags must be at most 50 strings');
  const modes = modesOf(wishes['allowedAuthenticationModes']);
  if (modes === 'invalid') {
    return accountFaults.invalidBody(
      `allowedAuthenticationModes must be a list of ${authenticationModes.join(', ')}`,
    );
  }
  return {
    ...(location === undefined ? {} : { location }),
    ...(readTags === undefined ? {} : { tags: readTags }),
    ...(modes === undefined ? {} : { allowedAuthenticationModes: modes }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** Refuses the first property that Batten lacks. */
function propertiesFault(properties: JsonObject): Fault | undefined {
  const { poolAllocationMode, keyVaultReference } = properties;
  if (poolAllocationMode === 'UserSubscription' && isNothing(keyVaultReference)) {
    return accountFaults.invalidBody(
      "keyVaultReference must be set if poolAllocationMode is specified as 'UserSubscription' on a PUT request",
    );
  }
  for (const [name, value] of Object.entries(properties)) {
    if (isNothing(value) || readOnlyProperties.has(name)) continue;
    if (name === 'allowedAuthenticationModes' || isAzureDefault(name, value)) continue;
    return accountFaults.notImplemented(`properties.${name}`);
  }
  return undefined;
}

function isAzureDefault(name: string, value: unknown): boolean {
  switch (name) {
    case 'poolAllocationMode':
      return value === 'BatchService';
    case 'publicNetworkAccess':
      return value === 'Enabled';
    case 'encryption':
      return isJsonObject(value) && value['keySource'] === 'Microsoft.Batch';
    default:
      return false;
  }
}

function tagsOf(value: unknown): Readonly<Record<string, string>> | 'invalid' | undefined {
  if (isNothing(value)) return undefined;
  if (!isJsonObject(value)) return 'invalid';
  const entries = Object.entries(value);
  const isFit = entries.length <= tagsMax && entries.every(([, text]) => typeof text === 'string');
  return isFit ? (value as Readonly<Record<string, string>>) : 'invalid';
}

/**
 * Modes without repetition, in Azure's order. An empty list would lock everyone out and is none.
 */
function modesOf(value: unknown): readonly AuthenticationMode[] | 'invalid' | undefined {
  if (isNothing(value)) return undefined;
  if (!Array.isArray(value) || value.length === 0) return 'invalid';
  const isKnown = value.every((one) => authenticationModes.some((mode) => mode === one));
  return isKnown ? authenticationModes.filter((mode) => value.includes(mode)) : 'invalid';
}

function isNothing(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
