import { isJsonObject } from '#kernel/json.ts';

/**
 * How long the tokens for some resources live, as a tenant decided.
 * Source: https://learn.microsoft.com/graph/api/resources/tokenlifetimepolicy
 */
export interface TokenLifetimePolicy {
  readonly tenantId: string;
  readonly policyId: string;
  readonly displayName: string;
  /** One JSON text, kept as it was written. */
  readonly definition: readonly string[];
  /** Holds for every application of the tenant that has no policy on its service principal. */
  readonly isOrganizationDefault: boolean;
}

/**
 * Bounds of a lifetime, in seconds: ten minutes and a day.
 * Source: https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes
 */
export const policyLifetimeSeconds = { min: 600, max: 86_400 } as const;

/** What else may stand in a definition; Entra has not honoured it since 2021, nor does Batten. */
const retiredNames: readonly string[] = [
  'MaxInactiveTime',
  'MaxAgeSingleFactor',
  'MaxAgeMultiFactor',
  'MaxAgeSessionSingleFactor',
  'MaxAgeSessionMultiFactor',
];

/** What a definition says. */
export interface ReadDefinition {
  /** Absent when the policy leaves the lifetime of tokens as it is. */
  readonly accessTokenSeconds?: number;
}

/**
 * Reads a definition: one text such as
 * `{"TokenLifetimePolicy":{"Version":1,"AccessTokenLifetime":"8:00:00"}}`. Undefined when it is none
 * or its lifetime is out of bounds.
 * UNVERIFIED: that a name which Entra never had is refused; such a policy would settle it.
 */
export function readLifetimeDefinition(definition: readonly string[]): ReadDefinition | undefined {
  const [text, ...more] = definition;
  if (text === undefined || more.length > 0) return undefined;
  const rules = rulesIn(text);
  if (rules === undefined || rules['Version'] !== 1) return undefined;
  const { Version: _version, AccessTokenLifetime: lifetime, ...others } = rules;
  if (Object.keys(others).some((name) => !retiredNames.includes(name))) return undefined;
  if (lifetime === undefined) return {};
  const accessTokenSeconds = typeof lifetime === 'string' ? secondsOfTimeSpan(lifetime) : undefined;
  if (accessTokenSeconds === undefined) return undefined;
  const { min, max } = policyLifetimeSeconds;
  return accessTokenSeconds < min || accessTokenSeconds > max ? undefined : { accessTokenSeconds };
}

function rulesIn(text: string) {
  try {
    const whole: unknown = JSON.parse(text);
    if (!isJsonObject(whole) || Object.keys(whole).length !== 1) return undefined;
    const rules = whole['TokenLifetimePolicy'];
    return isJsonObject(rules) ? rules : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads .NET's `[days.]hours:minutes[:seconds]`, whose hours end at 23: `24:00:00` is no day, which
 * people met on Azure; a day is `1.00:00:00`.
 * Source: https://learn.microsoft.com/dotnet/api/system.timespan.parse, entra-docs pull request 1946
 */
function secondsOfTimeSpan(text: string): number | undefined {
  const parts = /^(?:(\d{1,7})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,7})?)?$/.exec(text);
  if (parts === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(1)
    .map((one) => Number(one ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}
