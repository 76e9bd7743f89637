import { readConfig } from '#app/config.ts';
import { askServer } from '#app/control-client.ts';
import { badSetting } from '#app/faults.ts';
import type { Json, JsonObject } from '#kernel/json.ts';

export interface KeysOptions {
  readonly now?: true;
  readonly json?: true;
  readonly data?: string;
}

/** Has a running Batten rotate its signing keys, and shows the keys that will sign. */
export async function keys(what: string, options: KeysOptions): Promise<void> {
  if (what !== 'rotate') throw badSetting('keys', what, 'rotate');
  const { dataFolder } = readConfig(options);
  const answer = await askServer(dataFolder, 'keys', { now: options.now === true });
  process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : keysText(answer));
}

/** One line for each cloud. */
function keysText({ keys: rotated }: JsonObject): string {
  const lines = (Array.isArray(rotated) ? rotated : []).map((key: Json) => {
    const { cloud, keyId, signsFrom } = key as JsonObject;
    return `${String(cloud).padEnd(7)} ${String(keyId)}  signs from ${String(signsFrom)}\n`;
  });
  return lines.join('');
}
