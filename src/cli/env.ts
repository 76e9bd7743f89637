import { readConfig } from '#app/config.ts';
import { type ClientEnvironment, explicitEnvironment } from '#app/environment.ts';
import { badSetting, noReadyIdentity } from '#app/faults.ts';
import { readReadyFiles } from '#app/ready-files.ts';

export interface EnvOptions {
  readonly format: string;
  readonly data?: string;
}

/** Prints the variables of a data folder, whether its server runs or not. */
export async function env(options: EnvOptions): Promise<void> {
  const format = formats[options.format];
  if (format === undefined) throw badSetting('--format', options.format, 'sh or json');
  const config = readConfig(options);
  const { readiness, server, trust } = await readReadyFiles(config);
  if (readiness === undefined) throw noReadyIdentity(config.dataFolder);
  process.stdout.write(format(explicitEnvironment(readiness, server.url, trust)));
}

const formats: Readonly<Record<string, (variables: ClientEnvironment) => string>> = {
  json: (variables) => `${JSON.stringify(variables, null, 2)}\n`,
  sh: (variables) =>
    Object.entries(variables)
      .map(([name, value]) => `export ${name}=${quoted(value)}\n`)
      .join(''),
};

/** One word to a POSIX shell, whatever is in it. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}
