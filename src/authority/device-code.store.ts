import type { Reach } from '#http/request.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { TokenEndpoint } from './grant.ts';
import { networkOf } from './limits.ts';
import { opaqueHashOf } from './opaque-text.ts';
import { addSpentGrant, removeExpiredSpentGrants } from './spent-grant.store.ts';
import type { UserGrant } from './user-grant.ts';

/** How long a device code waits for its person, in seconds. Source: recorded Entra, 2025. */
export const deviceCodeLifetimeSeconds = 900;

/**
 * Most codes of one application for one network, and most in all, that are kept at a time: anyone may
 * ask for one, and each is a row. The last is about 100 MB at the very worst.
 */
export const deviceCodesMax = { ofAsker: 1_000, total: 10_000 } as const;

/** What a device asked for. */
export interface DeviceCode {
  /** The endpoint that gave the code; it decides how scope and resource are read. */
  readonly endpoint: TokenEndpoint;
  /** The tenant as the path named it; on the adfs form its id. */
  readonly tenantName: string;
  /** Folded. */
  readonly clientId: string;
  readonly scope: string;
  /** `resource` of the v1 and adfs endpoints. */
  readonly resource?: string;
  /** The name, and with it the cloud, by which the request came. */
  readonly reach: Reach;
  /** Where the request came from, which the person is told. */
  readonly remoteAddress: string;
  readonly expiresAt: Instant;
}

/** What the person decided: a yes holds all of the grant that her sign-in settles. */
export type DeviceAnswer =
  | { readonly kind: 'declined' }
  | ({ readonly kind: 'approved' } & DeviceApproval);

/** Who approved a device code, and how she had signed in. */
export type DeviceApproval = Pick<
  UserGrant,
  'grantId' | 'tenantId' | 'userId' | 'authenticatedAt' | 'passwordMark' | 'sessionId'
>;

/** A device code that was found: by its hash, since the text is nowhere stored. */
export interface StoredDeviceCode {
  readonly codeHash: string;
  readonly facts: DeviceCode;
  /** Undefined while the person has not decided. */
  readonly answer: DeviceAnswer | undefined;
}

/**
 * Stores a device code and its user code by their hashes, and forgets those long over. False when
 * there are too many: of the application for the network of the device, or of all.
 */
export async function addDeviceCode(
  tx: WriteTransaction,
  texts: { readonly deviceCode: string; readonly userCode: string },
  facts: DeviceCode,
  now: Instant,
): Promise<boolean> {
  await tx.run(deleteExpired, forgottenBefore(now));
  await removeExpiredSpentGrants(tx, now);
  const { ofAsker, total } = deviceCodesMax;
  const asker = askerOf(facts);
  if (await tx.one(selectFromAsker, asker, ofAsker - 1)) return false;
  if (await tx.one(selectFrom, total - 1)) return false;
  const hashes = [opaqueHashOf(texts.deviceCode), opaqueHashOf(texts.userCode)];
  await tx.run(insertOne, ...hashes, facts.expiresAt, JSON.stringify(facts), asker);
  return true;
}

function askerOf({ clientId, remoteAddress }: DeviceCode): string {
  return opaqueHashOf(JSON.stringify([networkOf(remoteAddress), fold(clientId)]));
}

/** What a device code stands for, also when its time is over; undefined when there is none. */
export async function findDeviceCode(
  tx: ReadTransaction,
  deviceCode: string,
): Promise<StoredDeviceCode | undefined> {
  return storedOf(await tx.one(selectByCode, opaqueHashOf(deviceCode)));
}

/** The device code that belongs to a user code. */
export async function findDeviceCodeOfUser(
  tx: ReadTransaction,
  userCode: string,
): Promise<StoredDeviceCode | undefined> {
  return storedOf(await tx.one(selectByUserCode, opaqueHashOf(userCode)));
}

/** Writes down what the person decided. False when it was decided before, or is too late. */
export async function answerDeviceCode(
  tx: WriteTransaction,
  codeHash: string,
  answer: DeviceAnswer,
  now: Instant,
): Promise<boolean> {
  return (await tx.run(updateAnswer, JSON.stringify(answer), codeHash, now)) > 0;
}

/**
 * Takes an approved device code out of the store: one DELETE, so that it is redeemed once however
 * many ask. Undefined when somebody was faster.
 */
export async function takeDeviceCode(
  tx: WriteTransaction,
  codeHash: string,
): Promise<{ readonly facts: DeviceCode; readonly approval: DeviceApproval } | undefined> {
  const taken = storedOf(await tx.one(deleteOne, codeHash));
  if (taken?.answer?.kind !== 'approved') return undefined;
  const { kind: _kind, ...approval } = taken.answer;
  await addSpentGrant(tx, codeHash, approval.grantId, taken.facts.expiresAt);
  return { facts: taken.facts, approval };
}

/** An expired code is kept for as long again, so that it is refused as expired and not as unknown. */
function forgottenBefore(now: Instant): number {
  return now - deviceCodeLifetimeSeconds * 1_000_000;
}

type Row = {
  readonly code_hash: string;
  readonly document: string;
  readonly answer: string | null;
};

function storedOf(row: Row | undefined): StoredDeviceCode | undefined {
  if (row === undefined) return undefined;
  const answer = row.answer === null ? undefined : (JSON.parse(row.answer) as DeviceAnswer);
  return { codeHash: row.code_hash, facts: JSON.parse(row.document) as DeviceCode, answer };
}

// Two live user codes that are equal would be refused by their index: one chance in 10^13 for each pair.
const insertOne = statement(
  'deviceCode.insert',
  `INSERT INTO device_code (code_hash, user_code_hash, expires_at, document, asker)
   VALUES (?, ?, ?, ?, ?)`,
);

const selectFromAsker = statement(
  'deviceCode.selectFromAsker',
  'SELECT 1 AS found FROM device_code WHERE asker = ? LIMIT 1 OFFSET ?',
);

const selectFrom = statement(
  'deviceCode.selectFrom',
  'SELECT 1 AS found FROM device_code LIMIT 1 OFFSET ?',
);

const selectByCode = statement<Row>(
  'deviceCode.selectByCode',
  'SELECT code_hash, document, answer FROM device_code WHERE code_hash = ?',
);

const selectByUserCode = statement<Row>(
  'deviceCode.selectByUserCode',
  'SELECT code_hash, document, answer FROM device_code WHERE user_code_hash = ?',
);

const updateAnswer = statement(
  'deviceCode.answer',
  `UPDATE device_code SET answer = ?
   WHERE code_hash = ? AND answer IS NULL AND expires_at > ?`,
);

const deleteOne = statement<Row>(
  'deviceCode.take',
  `DELETE FROM device_code WHERE code_hash = ? AND answer IS NOT NULL
   RETURNING code_hash, document, answer`,
);

const deleteExpired = statement(
  'deviceCode.deleteExpired',
  'DELETE FROM device_code WHERE expires_at <= ?',
);
