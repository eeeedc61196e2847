// Command line of the reference agent: `--config FILE` runs it, `--config FILE --check` only loads and validates.
import { program } from 'commander';
import { startAgent } from './agent.ts';
import { InvalidConfig, readConfig } from './config.ts';
import { createLog } from './log.ts';

const log = createLog((line) => process.stdout.write(line));

program
  .name('agent')
  .description('The reference agent.')
  .requiredOption('--config <file>', 'its YAML configuration')
  .option('--check', 'load and validate the configuration, then exit')
  .action(async ({ config, check }: { config: string; check?: boolean }) => (check ? validate(config) : run(config)));
await program.parseAsync();

function validate(file: string): void {
  try {
    readConfig(file, process.env);
    console.log('ok');
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

async function run(file: string): Promise<void> {
  process.on('uncaughtException', (error) => {
    log.error('the agent stops on a fault', { error: error.stack ?? error.message });
    process.exit(1);
  });
  try {
    const { config, digest } = readConfig(file, process.env);
    log.info('starting', {
      agent: config.name,
      kind: config.kind,
      phase: config.phase,
      configSha256: digest,
      pid: process.pid,
    });
    const agent = await startAgent(config, log);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => finish(signal, agent.stop));
    log.info('listening', { host: config.host, port: agent.port });
  } catch (error) {
    log.error('the agent can not start', { reason: (error as Error).message });
    process.exit(1);
  }
}

async function finish(signal: string, stop: () => Promise<void>): Promise<void> {
  log.info('stopping', { signal });
  await stop();
  log.info('stopped');
  process.exit(0);
}
