import { exitCodeOfSignal } from '#app/command.ts';
import { readConfig } from '#app/config.ts';
import { badSetting } from '#app/faults.ts';
import { identityForms } from '#app/identity-endpoint.ts';
import { runCommand } from '#app/run.ts';
import { clouds } from '#cloud/cloud.ts';
import { machineLog } from '#kernel/log.ts';

export interface RunCommandOptions {
  readonly cloud: string;
  readonly credentials: boolean;
  readonly allowInternet?: true;
  readonly identity?: string;
  readonly identityForm: string;
  readonly data?: string;
  readonly seed?: string;
  readonly compat?: string;
}

/** Runs a command against Batten and ends as the command ended: with its exit code, or by its signal. */
export async function run(command: readonly string[], options: RunCommandOptions): Promise<void> {
  const cloud = clouds.find(({ name }) => name === options.cloud);
  if (cloud === undefined) {
    throw badSetting(
      '--cloud',
      options.cloud,
      `one of ${clouds.map(({ name }) => name).join(', ')}`,
    );
  }
  const identityForm = identityForms.find((one) => one === options.identityForm);
  if (identityForm === undefined) {
    const known = `one of ${identityForms.join(', ')}`;
    throw badSetting('--identity-form', options.identityForm, known);
  }
  const config = readConfig(options);
  const end = await runCommand({
    config,
    command,
    cloud: cloud.name,
    hasCredentials: options.credentials,
    identityForm,
    allowsInternet: options.allowInternet === true,
    ...(options.identity === undefined ? {} : { identity: options.identity }),
    ...(options.seed === undefined ? {} : { seedPath: options.seed }),
    ...(options.compat === undefined ? {} : { compat: config.compat }),
    log: machineLog(config.logLevel),
    tell: (line) => process.stderr.write(`batten run: ${line}\n`),
  });
  if (end.kind === 'exited') process.exit(end.exitCode);
  process.kill(process.pid, end.signal);
  // Where the signal did not end this process at once, the exit code says what a shell would say.
  process.exitCode = exitCodeOfSignal(end.signal);
}
