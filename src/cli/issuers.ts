import { resolve } from 'node:path';
import { readConfig } from '#app/config.ts';
import { askServer } from '#app/control-client.ts';
import { badSetting } from '#app/faults.ts';
import { parseYaml, readSeedFile } from '#app/seed.ts';
import type { Json, JsonObject } from '#kernel/json.ts';

export interface IssuersOptions {
  readonly json?: true;
  readonly data?: string;
}

/** Shows the outside issuers that the tenants of a running Batten trust, after changing them if it is told to. */
export async function issuers(
  what: string | undefined,
  value: string | undefined,
  options: IssuersOptions,
): Promise<void> {
  const input = await inputOf(what, value);
  const { dataFolder } = readConfig(options);
  const answer = await askServer(dataFolder, 'issuers', input);
  process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : linesOf(answer));
}

/** What is misspelled is told before anybody is asked. */
async function inputOf(what = 'list', value = ''): Promise<JsonObject> {
  switch (what) {
    case 'list':
      return {};
    case 'remove':
      if (value === '') throw badSetting('issuers remove', value, 'an issuer');
      return { what, value };
    case 'trust': {
      if (value === '') throw badSetting('issuers trust', value, 'a file');
      const file = await readSeedFile(resolve(value));
      return { what, path: file.path, value: (await parseYaml(file)) as Json };
    }
    default:
      throw badSetting('issuers', what, 'list, trust or remove');
  }
}

/** One line for each issuer: whose it is, and where its tokens count. */
function linesOf({ trustedIssuers }: JsonObject): string {
  const lines = (Array.isArray(trustedIssuers) ? trustedIssuers : []).map((one: Json) => {
    const { issuer, tenantId, audiences } = one as JsonObject;
    const surfaces = Object.keys(audiences as JsonObject).join(', ');
    return `${String(issuer)}  tenant ${String(tenantId)}  ${surfaces}\n`;
  });
  return lines.join('');
}
