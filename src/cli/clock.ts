import { clockMoveOf } from '#app/clock-move.ts';
import { readConfig } from '#app/config.ts';
import { askServer } from '#app/control-client.ts';
import { wireReading } from '#app/control-commands.ts';
import { NotRunning } from '#app/faults.ts';
import type { JsonObject } from '#kernel/json.ts';

export interface ClockOptions {
  readonly json?: true;
  readonly data?: string;
}

/** Shows the clocks of a running Batten, after moving civil time if it is told to. */
export async function clock(
  move: string | undefined,
  value: string | undefined,
  options: ClockOptions,
): Promise<void> {
  // What is misspelled is told before anybody is asked.
  if (move !== undefined) clockMoveOf(move, value);
  const { dataFolder } = readConfig(options);
  const reading = await moved(dataFolder, move, value);
  process.stdout.write(options.json === true ? `${JSON.stringify(reading)}\n` : clockText(reading));
}

/** A folder whose server does not run has a clock to put right, and no other. */
async function moved(
  dataFolder: string,
  move: string | undefined,
  value: string | undefined,
): Promise<JsonObject> {
  try {
    return await askServer(dataFolder, 'clock', { move, value });
  } catch (error) {
    if (move !== 'reset' || !(error instanceof NotRunning)) throw error;
    const { resetClockOf } = await import('#app/reset-clock.ts');
    return wireReading(await resetClockOf(dataFolder));
  }
}

/** The lines that a person reads: both times to the second, and how far they are apart. */
export function clockText({ civil, real, aheadSeconds, isFrozen }: JsonObject): string {
  const ahead = Number(aheadSeconds);
  const note =
    ahead === 0 ? '' : `${durationText(Math.abs(ahead))} ${ahead > 0 ? 'ahead' : 'behind'}`;
  const notes = [note, isFrozen === true ? 'frozen' : ''].filter((one) => one !== '').join(', ');
  const toSecond = (instant: unknown) => String(instant).replace(/(\.\d+)?Z$/, 'Z');
  return `civil  ${toSecond(civil)}${notes === '' ? '' : `  (${notes})`}\nreal   ${toSecond(real)}\n`;
}

/** `40d 8h 30m`, without its empty parts. */
function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}
