import { lookup } from 'node:dns';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ResourceFile } from '#engine/engine.ts';
import { launcherTexts } from '#engine/faults.ts';
import { pathBelow } from '#engine/paths.ts';
import { type EgressRule, egressRefusal } from '#http/egress.ts';

/** Largest resource file in bytes: 64 GiB, far above what a node of Azure fetches in one file. */
const fileBytesMax = 68_719_476_736;
/** Longest silence of a server, and longest fetch of one file, in milliseconds. */
const silenceMillisecondsMax = 60_000;
const fetchMillisecondsMax = 3_600_000;
const redirectsMax = 5;
const defaultFileMode = 0o770;

/**
 * Fetches a resource file into a task's `wd`, inside the sandbox and with the task's rights.
 * Returns why it could not; the text names no query, which may hold a signature.
 */
export async function fetchResourceFile(
  file: ResourceFile,
  workingDirectory: string,
  rule: EgressRule,
  signal: AbortSignal,
): Promise<string | undefined> {
  const target = file.filePath === '' ? undefined : pathBelow(workingDirectory, file.filePath);
  if (target === undefined) return launcherTexts.filePathLeaves;
  const mode = file.fileMode === undefined ? defaultFileMode : Number.parseInt(file.fileMode, 8);
  if (!Number.isInteger(mode)) return launcherTexts.badFileMode;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(fetchMillisecondsMax)]);
  try {
    const reply = await follow(file.httpUrl, rule, limit);
    if (typeof reply === 'string') return reply;
    await mkdir(dirname(target), { recursive: true });
    await pipeline(reply, counted(fileBytesMax), createWriteStream(target), { signal: limit });
    await chmod(target, mode);
    return undefined;
  } catch (error) {
    return launcherTexts.fetchBroke(codeOf(error));
  }
}

async function follow(
  address: string,
  rule: EgressRule,
  signal: AbortSignal,
): Promise<IncomingMessage | string> {
  let at = address;
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const url = URL.canParse(at) ? new URL(at) : undefined;
    if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return launcherTexts.notHttp;
    }
    const refused = refusalOfLiteral(url, rule);
    if (refused !== undefined) return refused;
    const reply = await request(url, rule, signal);
    const status = reply.statusCode ?? 0;
    if (status === 200) return reply;
    reply.destroy();
    const { location } = reply.headers;
    if (status < 300 || status > 399 || location === undefined) {
      return launcherTexts.answered(status);
    }
    if (!URL.canParse(location, url.href)) return launcherTexts.notHttp;
    at = new URL(location, url).href;
  }
  return launcherTexts.tooManyRedirects;
}

function request(url: URL, rule: EgressRule, signal: AbortSignal): Promise<IncomingMessage> {
  const get = url.protocol === 'https:' ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const options = { signal, agent: false, lookup: guardedLookup(portOf(url), rule) } as const;
    const going = get(url, options, resolve);
    going.setTimeout(silenceMillisecondsMax, () => going.destroy(new Error('ETIMEDOUT')));
    going.on('error', reject);
  });
}

/** An address that stands in the URL is never looked up, so it is judged here. */
function refusalOfLiteral(url: URL, rule: EgressRule): string | undefined {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) === 0) return undefined;
  const refused = egressRefusal(host, portOf(url), rule);
  return refused === undefined ? undefined : launcherTexts.egressRefused(refused);
}

/**
 * Resolves a name and hands out only addresses that the rule allows, so that a name cannot change
 * its mind in between.
 */
function guardedLookup(port: number, rule: EgressRule): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      const allowed = addresses.filter(
        ({ address }) => egressRefusal(address, port, rule) === undefined,
      );
      const [first] = allowed;
      if (first === undefined) {
        return done(Object.assign(new Error('refused'), { code: 'EGRESS' }), '', 0);
      }
      if (options.all === true) return done(null, allowed);
      done(null, first.address, first.family);
    });
  };
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

function counted(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(Object.assign(new Error('too large'), { code: 'EFBIG' }));
      else done(null, chunk);
    },
  });
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : String(name ?? 'error');
}
