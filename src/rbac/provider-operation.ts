import type { Plane } from '#http/operation.ts';
import { fold } from '#kernel/ids.ts';
import known from './provider-operations.json' with { type: 'json' };

/** One operation of a resource provider, as role definitions name it. */
export interface ProviderOperation {
  readonly name: string;
  readonly isDataAction: boolean;
}

/** A resource provider all of whose operations are known. */
export interface OperationProvider {
  readonly namespace: string;
  readonly displayName: string;
  readonly operations: readonly ProviderOperation[];
}

/**
 * The providers of which Batten knows every operation.
 * Source:
 * https://learn.microsoft.com/azure/role-based-access-control/permissions/compute#microsoftbatch
 */
export const operationProviders: readonly OperationProvider[] = known;

/** Longest action string, in characters; the longest of Azure's own has 139. */
const actionCharactersMax = 512;

/**
 * True when a role may hold this permission string. One wildcard passes unread, as in Azure; an
 * exact action must exist in its plane where we know all actions of its provider, and have the form
 * of one elsewhere.
 */
export function isKnownAction(pattern: string, plane: Plane): boolean {
  if (pattern.length > actionCharactersMax) return false;
  const stars = pattern.split('*').length - 1;
  if (stars > 0) return stars === 1 && /^[\w.*/-]+$/.test(pattern);
  const folded = fold(pattern);
  const provider = operationProviders.find((one) => folded.startsWith(`${fold(one.namespace)}/`));
  if (provider === undefined) return /^[a-z][\w-]*(\.[\w-]+)+(\/[\w.-]+){2,}$/i.test(pattern);
  return provider.operations.some(
    ({ name, isDataAction }) => fold(name) === folded && isDataAction === (plane === 'data'),
  );
}
