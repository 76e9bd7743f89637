import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { socketName } from '#engine/paths.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ControlName } from './control.ts';
import { pathsIn, reasonOf } from './data-folder.ts';
import {
  type ControlRefusal,
  dataUnreadable,
  notRunning,
  refusedByServer,
  serverSilent,
} from './faults.ts';

/** Longest time that a server may take for a command, in milliseconds: new keys for every cloud take some seconds. */
const answerMillisecondsMax = 60_000;

/**
 * Has the live server of a data folder do a command, and returns its answer. Throws a `StartRefusal`: the server's own, or that none is
 * running.
 */
export async function askServer(
  dataFolder: string,
  command: ControlName,
  input: JsonObject = {},
  millisecondsMax: number = answerMillisecondsMax,
): Promise<JsonObject> {
  const call = request({
    socketPath: addressIn(dataFolder),
    method: 'POST',
    path: `/${command}`,
    headers: { 'content-type': 'application/json' },
    agent: false,
    signal: AbortSignal.timeout(millisecondsMax),
  });
  call.end(JSON.stringify(input));
  let response: IncomingMessage;
  try {
    [response] = await once(call, 'response');
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ABORT_ERR') throw serverSilent(dataFolder, millisecondsMax / 1000);
    const isNobody = code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET';
    throw isNobody ? notRunning(dataFolder) : dataUnreadable(dataFolder, reasonOf(error));
  }
  const answer = JSON.parse(await text(response)) as JsonObject;
  if (response.statusCode === 200) return answer;
  throw refusedByServer(answer as unknown as ControlRefusal);
}

function addressIn(dataFolder: string): string {
  try {
    return socketName(pathsIn(dataFolder).control);
  } catch {
    // A long path is reached through its folder, which is not there.
    throw notRunning(dataFolder);
  }
}
