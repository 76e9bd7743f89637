import { Command, CommanderError } from 'commander';
import { StartRefusal } from '#app/faults.ts';

/** Ends a command that was used wrongly. Source: the exit codes of az and of every POSIX tool. */
const usageExitCode = 2;

const program = new Command('batten')
  .description('Azure Batch with Microsoft Entra ID sign-in and Azure RBAC, run by yourself.')
  .exitOverride()
  .showSuggestionAfterError(false)
  // What stands after the command of `run` is the command's own.
  .enablePositionalOptions()
  .helpCommand(false);

// Every command loads its own code, so that none pays for another's.
program
  .command('up')
  .description('run Batten until it is stopped')
  .option('--port <number>', 'port to listen on, 0 for any free one', '8443')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--data <folder>', 'folder that holds everything (BATTEN_DATA)')
  .option('--seed <file>', 'YAML or JSON file that an empty folder is filled from')
  .option('--ready-identity', 'make a ready identity also for a host beyond loopback')
  .option('--compat <side>', 'azure, or hardened where Azure is not safe (BATTEN_COMPAT)')
  .option('--dev-clock', 'let batten clock move the time by which tokens and secrets are judged')
  .option('--json', 'say what is ready as one line of JSON')
  .action(async (options) => (await import('./up.ts')).up(options));

program
  .command('env')
  .description('print what client programs need to reach this Batten')
  .option('--format <format>', 'sh or json', 'sh')
  .option('--data <folder>', 'folder that holds everything (BATTEN_DATA)')
  .action(async (options) => (await import('./env.ts')).env(options));

program
  .command('run')
  .description("run a command for whose processes Azure's host names are this Batten")
  .argument('<command...>', 'the command, after --')
  .option('--cloud <name>', 'public, china or usgov', 'public')
  .option('--no-credentials', 'leave the ready identity out')
  .option('--identity <name>', 'run it as this managed identity: a name or a resource id')
  .option('--identity-form <place>', 'any, app-service, machine-learning, cloud-shell or vm', 'any')
  .option('--allow-internet', 'let the command reach other hosts too')
  .option('--compat <side>', 'azure, or hardened where Azure is not safe (BATTEN_COMPAT)')
  .option('--data <folder>', 'folder that holds everything (BATTEN_DATA)')
  .option('--seed <file>', 'seed file of the Batten that is made when none is running')
  .passThroughOptions()
  .action(async (command, options) => (await import('./run.ts')).run(command, options));

program
  .command('clock')
  .description('show or move the time by which a running Batten judges tokens and secrets')
  .argument('[move]', 'advance, set, freeze, resume or reset')
  .argument('[value]', 'how far (61m, 2h30m, 1d, PT61M), or where to (2027-01-01T00:00:00Z)')
  .option('--json', 'show it as JSON')
  .option('--data <folder>', 'folder that holds everything (BATTEN_DATA)')
  .action(async (...words) => (await import('./clock.ts')).clock(words[0], words[1], words[2]));

program
  .command('keys')
  .description('let a running Batten sign tokens with new keys')
  .argument('<what>', 'rotate: new keys are published now and sign in two days')
  .option('--now', 'let them sign at once; tokens of the old keys stay good')
  .option('--json', 'show them as JSON')
  .option('--data <folder>', 'folder that holds everything (BATTEN_DATA)')
  .action(async (what, options) => (await import('./keys.ts')).keys(what, options));

program
  .command('issuers')
  .description('show or change the outside issuers whose tokens a running Batten takes')
  .argument('[what]', 'list, trust or remove')
  .argument('[value]', 'a file like the trustedIssuers of a seed, or the issuer to remove')
  .option('--json', 'show them as JSON')
  .option('--data <folder>', 'folder that holds everything (BATTEN_DATA)')
  .action(async (...words) => (await import('./issuers.ts')).issuers(words[0], words[1], words[2]));

program
  .command('status')
  .description('say whether a Batten is running, and how')
  .option('--json', 'say it as JSON')
  .option('--data <folder>', 'folder that holds everything (BATTEN_DATA)')
  .action(async (options) => (await import('./status.ts')).status(options));

program
  .command('version')
  .description('print the version')
  .action(async () => (await import('./version.ts')).version());

try {
  await program.parseAsync();
} catch (error) {
  // Not by `exitCode`: what a bug left open would keep the process.
  process.exit(exitCodeOf(error));
}

/** Says what is wrong in one line; a bug keeps its stack. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
  if (error instanceof StartRefusal) {
    process.stderr.write(`batten: ${error.message}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`batten: a bug: ${text}\n`);
  return 1;
}
