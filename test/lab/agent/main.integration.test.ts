// The command line: checking a configuration, running, and ending on SIGTERM.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// Each test starts a Node process that compiles as it goes.
vi.setConfig({ testTimeout: 40_000 });

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agent-'));
  file = join(directory, 'agent.yaml');
});
afterEach(() => rmSync(directory, { recursive: true }));

function agent(...args: string[]) {
  return execa('node', ['--import', 'tsx', 'lab/agent/main.ts', ...args], { reject: false, timeout: 30_000 });
}

function write(extra = ''): void {
  writeFileSync(
    file,
    `agent: {name: tried, kind: bystander, listen: {host: 127.0.0.1, port: 0}}
hub_url: http://127.0.0.1:9
push_interval: 1
ack_log: ${directory}/acks.jsonl
${extra}`,
  );
}

describe('the command line', () => {
  it('prints ok for a valid configuration', async () => {
    write();
    expect(await agent('--config', file, '--check')).toMatchObject({ stdout: 'ok', exitCode: 0 });
  });

  it('prints file, line and what is allowed for an invalid one, and fails', async () => {
    write('colour: red\n');
    const { stderr, exitCode } = await agent('--config', file, '--check');
    expect(stderr).toContain(`${file}:5: colour: found an unknown key; allowed:`);
    expect(exitCode).toBe(1);
  });

  it('says in the log why it can not start', async () => {
    const { stdout, exitCode } = await agent('--config', join(directory, 'missing.yaml'));
    expect(stdout).toMatch(/^\S+Z ERROR the agent can not start reason=.*missing\.yaml/);
    expect(exitCode).toBe(1);
  });

  it('starts with the phase and the digest of its configuration, keeps running without a hub or NATS, and ends on SIGTERM within a second', async () => {
    write(
      'nats: {nats_url: "nats://no-such-host.invalid:4222", health_subject: a.b, metrics_subject: a.c, publish_interval: 1}\n',
    );
    const running = agent('--config', file);
    let log = '';
    while (!log.includes('listening')) log += String((await once(running.stdout, 'data'))[0]);
    expect(log.split('\n')[0]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO starting agent=tried kind=bystander phase=1 configSha256=[0-9a-f]{64} /,
    );
    const before = performance.now();
    running.kill('SIGTERM');
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(0);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(stdout).not.toContain(' ERROR ');
  });
});
