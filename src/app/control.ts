import { chmod, rm } from 'node:fs/promises';
import { socketName } from '#engine/paths.ts';
import { readBody } from '#http/body.ts';
import { type Listener, listenOnPath, type RawHandler, rawTargetOf } from '#http/listen.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import type { Log } from '#kernel/log.ts';
import { pathsIn } from './data-folder.ts';
import {
  type ControlRefusal,
  controlFailed,
  controlRefused,
  controlUnknown,
  StartRefusal,
} from './faults.ts';

/** What the command line may tell a live server. */
export const controlNames = ['status', 'clock', 'keys', 'issuers', 'signIn'] as const;
export type ControlName = (typeof controlNames)[number];

/** Does one of them. Throws a `StartRefusal` when it may not be done; then nothing changed. */
export type ControlCommand = (input: JsonObject) => Promise<JsonObject>;
export type ControlCommands = Readonly<Record<ControlName, ControlCommand>>;

/** Longest input of a command, in bytes. */
export const controlBytesMax = 65_536;

export interface ControlParts {
  readonly dataFolder: string;
  readonly commands: ControlCommands;
  readonly log: Log;
}

/**
 * Opens the channel by which `batten` on this machine tells the live server of a data folder what to do: a Unix socket in the folder, so
 * who may write the folder may command, and nobody else. Tasks see an empty folder in its place. It must be opened while the folder's lock
 * is held: a socket that is there was left by a server that died.
 */
export async function openControl(parts: ControlParts): Promise<Listener> {
  const path = pathsIn(parts.dataFolder).control;
  await rm(path, { force: true });
  const listener = await listenOnPath(doorOf(parts), socketName(path));
  await chmod(path, 0o600);
  return listener;
}

/** `POST /clock` with the input as JSON. */
function doorOf(parts: ControlParts): RawHandler {
  return async (request, response) => {
    const body = await readBody(request, controlBytesMax);
    const input = body.kind === 'read' ? jsonOf(body.bytes) : undefined;
    const name = controlNames.find((one) => rawTargetOf(request) === `/${one}`);
    const outcome =
      name === undefined || input === undefined
        ? { refused: controlUnknown }
        : await outcomeOf(parts, name, input);
    if (response.destroyed) return;
    const status = 'done' in outcome ? 200 : outcome.refused.status;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify('done' in outcome ? outcome.done : outcome.refused));
  };
}

async function outcomeOf(
  { commands, log }: ControlParts,
  name: ControlName,
  input: JsonObject,
): Promise<{ readonly done: JsonObject } | { readonly refused: ControlRefusal }> {
  try {
    return { done: await commands[name](input) };
  } catch (error) {
    if (error instanceof StartRefusal) return { refused: controlRefused(error) };
    log.error({ command: name, error: String(error) }, 'a bug was caught in a control command');
    return { refused: controlFailed };
  }
}

function jsonOf(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
