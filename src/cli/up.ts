import { portOf, readConfig } from '#app/config.ts';
import { type House, openHouse } from '#app/house.ts';
import { machineLog } from '#kernel/log.ts';
import { cardOf } from './card.ts';

export interface UpOptions {
  readonly port: string;
  readonly host: string;
  readonly data?: string;
  readonly seed?: string;
  readonly readyIdentity?: true;
  readonly json?: true;
}

/**
 * Runs Batten until SIGTERM, which ends it with 0, or SIGINT, which ends it with 130 as a shell expects. Either lets running requests
 * finish; a second signal ends it at once.
 */
export async function up(options: UpOptions): Promise<void> {
  const config = readConfig(options);
  const house = await openHouse({
    dataFolder: config.dataFolder,
    host: options.host,
    port: portOf(options.port),
    ...(options.seed === undefined ? {} : { seedPath: options.seed }),
    ...(config.keyFile === undefined ? {} : { keyFile: config.keyFile }),
    wantsReadyIdentity: options.readyIdentity === true,
    log: machineLog(config.logLevel),
  });
  const ended = untilSignal();
  await announce(house, options);
  const exitCode = await ended;
  await house.close();
  process.exit(exitCode);
}

async function announce(house: House, options: UpOptions): Promise<void> {
  const readiness = await house.readiness();
  if (options.json !== true) {
    const dataOption = options.data === undefined ? '' : ` --data '${house.dataFolder}'`;
    process.stdout.write(cardOf(house, readiness?.identity, dataOption));
    return;
  }
  const { url, port, pid } = house.server;
  const environment = (await house.environment()) ?? {};
  const { dataFolder } = house;
  process.stdout.write(
    `${JSON.stringify({ ready: true, url, port, pid, dataFolder, environment })}\n`,
  );
}

function untilSignal(): Promise<number> {
  const exitCodes = { SIGTERM: 0, SIGINT: 130, SIGHUP: 129 } as const;
  return new Promise((resolve) => {
    let hasEnded = false;
    for (const [signal, exitCode] of Object.entries(exitCodes)) {
      process.on(signal, () => {
        if (hasEnded) process.exit(exitCode);
        hasEnded = true;
        resolve(exitCode);
      });
    }
  });
}
