import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Fault } from '#kernel/fault.ts';
import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import {
  answerDeviceCode,
  type DeviceApproval,
  findDeviceCodeOfUser,
  type StoredDeviceCode,
} from './device-code.store.ts';
import type { DeviceRequest } from './device-request.ts';
import { attemptOver } from './sign-in.faults.ts';
import { type AttemptKey, endSignInAttempt } from './sign-in-attempt.store.ts';
import { readUserCode } from './user-code.ts';

/** The device will get tokens when it asks again. */
export interface ApprovedDevice {
  readonly kind: 'approved';
  readonly appName: string;
}

/** The device will be told no when it asks again. */
export interface DeclinedDevice {
  readonly kind: 'declined';
  readonly appName: string;
}

/** The device that waits for a user code as it was typed, or why none does. */
export async function findWaitingDevice(
  tx: ReadTransaction,
  typed: string,
  now: Instant,
): Promise<StoredDeviceCode | 'unknown' | 'expired'> {
  const userCode = readUserCode(typed);
  const found = userCode === undefined ? undefined : await findDeviceCodeOfUser(tx, userCode);
  // A code that was decided is of no more use, and nobody is told by whom.
  if (found === undefined || found.answer !== undefined) return 'unknown';
  return now < found.facts.expiresAt ? found : 'expired';
}

/** Answers yes for a device, at the end of a sign-in. */
export async function approveDevice(
  tx: WriteTransaction,
  request: DeviceRequest,
  approval: DeviceApproval,
  now: Instant,
): Promise<ApprovedDevice | Fault> {
  const answer = { kind: 'approved', ...approval } as const;
  const isInTime = await answerDeviceCode(tx, request.deviceCodeHash, answer, now);
  if (!isInTime) return attemptOver();
  return { kind: 'approved', appName: await appNameOf(tx, request) };
}

/** Answers no for a device, and ends the sign-in. */
export async function declineDevice(
  tx: WriteTransaction,
  key: AttemptKey,
  request: DeviceRequest,
  now: Instant,
): Promise<DeclinedDevice | Fault> {
  const isOpen = await endSignInAttempt(tx, key);
  const answer = { kind: 'declined' } as const;
  const isInTime = isOpen && (await answerDeviceCode(tx, request.deviceCodeHash, answer, now));
  return isInTime ? { kind: 'declined', appName: await appNameOf(tx, request) } : attemptOver();
}

async function appNameOf(tx: ReadTransaction, { clientId }: DeviceRequest): Promise<string> {
  return (await findApplicationByAppId(tx, clientId))?.displayName ?? clientId;
}
