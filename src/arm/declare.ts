import { operationsOf, type PlaneAction } from '#http/operation.ts';
import type { ArmCaller } from './dialect.ts';
import type { ArmRoom } from './room.ts';

/** Declares an operation of Resource Manager itself. */
export const armOperation = operationsOf<ArmCaller, ArmRoom>();

/** An action of the control plane. */
export function controlAction(action: string): PlaneAction {
  return { action, plane: 'control' };
}
