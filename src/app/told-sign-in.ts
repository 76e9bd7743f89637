import { parseInstant } from '#kernel/instant.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import type { Recorder } from '#record/record.ts';

/** Notes what a teller told. False when it is no sign-in. */
export function noteToldSignIn(recorder: Recorder, told: JsonObject): boolean {
  const { id, at, tenantId, principalId, code, facts } = told;
  const time = typeof at === 'string' ? parseInstant(at) : undefined;
  if (typeof id !== 'string' || typeof code !== 'string' || time === undefined) return false;
  if (typeof tenantId !== 'string' || typeof principalId !== 'string') return false;
  if (!isJsonObject(facts)) return false;
  const who = { tenantId, principalId };
  recorder.note({ id, at: time, kind: 'signIn', surface: 'authority', ...who, code, facts });
  return true;
}
