import type { House } from '#app/house.ts';
import type { ReadyIdentity } from '#app/ready-identity.store.ts';
import { fold } from '#kernel/ids.ts';

/** What a person is shown when Batten is ready: where everything is, and what to do next. */
export function cardOf(
  house: Pick<House, 'server' | 'dataFolder' | 'certificates'>,
  identity: ReadyIdentity | undefined,
  /** The option that other commands need to find the same folder; empty when they find it by themselves. */
  dataOption: string,
  /** What is not as usual. */
  notes: readonly (readonly [name: string, value: string])[] = [],
): string {
  const { url } = house.server;
  const environment = `eval "$(npx batten env${dataOption})"`;
  const lines = [
    ['Batten is ready', ''],
    ['  sign-in (authority)', identity === undefined ? url : `${url}/${identity.tenantId}`],
    ['  Resource Manager', url],
    ['  Microsoft Graph', `${url}/v1.0`],
    ...(identity === undefined ? withoutIdentity : identityLines(url, identity)),
    ['  certificate roots', house.certificates.rootsFile],
    ['  data', house.dataFolder],
    ...notes.map(([name, value]) => [`  ${name}`, value] as const),
    ['Next', `${environment}   or   npx batten run${dataOption} -- COMMAND`],
  ] as const;
  return `${lines.map(([name, value]) => `${name.padEnd(24)}${value}`.trimEnd()).join('\n')}\n`;
}

const withoutIdentity = [
  ['  ready identity', 'none; --ready-identity makes one on a new data folder'],
] as const;

function identityLines(
  url: string,
  identity: ReadyIdentity,
): readonly (readonly [string, string])[] {
  const { userPrincipalName, password } = identity;
  const user = `${userPrincipalName}  password ${password}`;
  return [
    ['  Batch account', `${url}/batch/${fold(identity.batchAccount)}`],
    ['  tenant', `${identity.tenantId}  ${identity.domain}`],
    ['  subscription', identity.subscriptionId],
    ...(userPrincipalName === undefined ? [] : [['  user', user] as const]),
    ['  service principal', `${identity.clientId}  secret ${identity.clientSecret}`],
  ];
}
