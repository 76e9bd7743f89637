import { portOf, readConfig } from '#app/config.ts';
import { type House, openHouse } from '#app/house.ts';
import { type Isolation, isolationNotice } from '#app/isolation.ts';
import { isoOf } from '#kernel/instant.ts';
import { machineLog } from '#kernel/log.ts';
import { cardOf } from './card.ts';

export interface UpOptions {
  readonly port: string;
  readonly host: string;
  readonly data?: string;
  readonly seed?: string;
  readonly readyIdentity?: true;
  readonly compat?: string;
  readonly devClock?: true;
  readonly json?: true;
}

/**
 * Runs Batten until SIGTERM, which ends it with 0, or SIGINT, which ends it with 130 as a shell expects. Either lets running requests
 * finish; a second signal ends it at once.
 */
export async function up(options: UpOptions): Promise<void> {
  const config = readConfig(options);
  const ending = endOf();
  const house = await openHouse({
    dataFolder: config.dataFolder,
    host: options.host,
    port: portOf(options.port),
    ...(options.seed === undefined ? {} : { seedPath: options.seed }),
    ...(config.keyFile === undefined ? {} : { keyFile: config.keyFile }),
    ...(config.issuerCaFile === undefined ? {} : { issuerCaFile: config.issuerCaFile }),
    wantsReadyIdentity: options.readyIdentity === true,
    compat: config.compat,
    hasDevClock: options.devClock === true,
    ...(config.tokenRequestsPerMinute === undefined
      ? {}
      : { tokenRequestsPerMinute: config.tokenRequestsPerMinute }),
    isolationFound: (isolation) => tellIsolation(isolation, options.host, ending.end),
    log: machineLog(config.logLevel),
  });
  await announce(house, options);
  const exitCode = await ending.exitCode;
  await house.close();
  process.exit(exitCode);
}

/** Prints what the operator must know of the tasks' isolation, and ends where Batten may not go on. */
function tellIsolation(isolation: Isolation, host: string, end: (exitCode: number) => void): void {
  const notice = isolationNotice(isolation, host);
  if (notice.kind === 'banner') process.stderr.write(notice.text);
  if (notice.kind === 'refused') {
    process.stderr.write(`batten: ${notice.refusal.message}\n`);
    end(notice.refusal.exitCode);
  }
}

async function announce(house: House, options: UpOptions): Promise<void> {
  const readiness = await house.readiness();
  if (options.json !== true) {
    const dataOption = options.data === undefined ? '' : ` --data '${house.dataFolder}'`;
    process.stdout.write(cardOf(house, readiness?.identity, dataOption, notesOf(house, options)));
    return;
  }
  const { url, port, pid } = house.server;
  const environment = (await house.environment()) ?? {};
  const { dataFolder } = house;
  process.stdout.write(
    `${JSON.stringify({ ready: true, url, port, pid, dataFolder, environment })}\n`,
  );
}

function notesOf(house: House, options: UpOptions): readonly (readonly [string, string])[] {
  const { compat } = readConfig(options);
  const civil = isoOf(house.clock().civil).replace(/\.\d+/, '');
  return [
    ...(compat === 'azure' ? [] : [['compat', compat] as const]),
    ...(options.devClock === true ? [['clock', `${civil}, moved by batten clock`] as const] : []),
  ];
}

/** The end of this process: by the first signal, or because somebody calls `end`. A second one ends it at once. */
function endOf(): { readonly exitCode: Promise<number>; readonly end: (exitCode: number) => void } {
  const exitCodes = { SIGTERM: 0, SIGINT: 130, SIGHUP: 129 } as const;
  const { promise, resolve } = Promise.withResolvers<number>();
  let hasEnded = false;
  const end = (exitCode: number): void => {
    if (hasEnded) process.exit(exitCode);
    hasEnded = true;
    resolve(exitCode);
  };
  for (const [signal, exitCode] of Object.entries(exitCodes))
    process.on(signal, () => end(exitCode));
  return { exitCode: promise, end };
}
