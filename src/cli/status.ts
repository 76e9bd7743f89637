import { readConfig } from '#app/config.ts';
import { askServer } from '#app/control-client.ts';
import { isJsonObject } from '#kernel/json.ts';
import { clockText } from './clock.ts';

export interface StatusOptions {
  readonly json?: true;
  readonly data?: string;
}

/** Says where the Batten of a data folder runs and by which settings; refused when none does. */
export async function status(options: StatusOptions): Promise<void> {
  const { dataFolder } = readConfig(options);
  const found = await askServer(dataFolder, 'status');
  const { url, pid, compat, clock } = found;
  const text = `running at ${url}, process ${pid}, --compat ${compat}\n${isJsonObject(clock) ? clockText(clock) : ''}`;
  process.stdout.write(options.json === true ? `${JSON.stringify(found)}\n` : text);
}
