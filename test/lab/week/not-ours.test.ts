// What others made under the week's names, in a real week: a run that a GO has kept, a job of the user's, a hub's file that configuration
// management replaces. Looked at with Docker's own tool, and in the files.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { differences, fingerprint } from './fingerprint.ts';
import { atStep, follow, hubshift, isStatus, must, report, startQuickly, variant } from './lab.ts';
import { endWeek, useLab } from './use-lab.ts';

const minutes = 60_000;

const lab = useLab();
const hubFile = () => join(lab.machine('MainPC').root, 'mainpc/centralhub/config/prometheus.yml');
const hubText = () => readFileSync(hubFile(), 'utf8');
const nightShift = "  - job_name: night-shift # theirs\n    static_configs: [{targets: ['localhost:9090']}]\n";

/** What does not change by itself in production: messages and samples come in all the time. */
const atRest = async () => {
  const seen = await fingerprint(lab.machines);
  return Object.fromEntries(Object.entries(seen).filter(([what]) => !what.includes('/data/')));
};

/** The containers of a machine as Docker's own tool has them. When each was started changes with a restart. */
async function containers(name: string): Promise<string[]> {
  const ids = (await lab.docker(name, 'ps', '--all', '--quiet', '--no-trunc')).split('\n').filter(Boolean);
  const format = '{{.Name}} {{.Id}} {{.State.Status}} {{.HostConfig.RestartPolicy.Name}} {{json .Config.Labels}}';
  return (await lab.docker(name, 'inspect', '--format', format, ...ids)).split('\n').sort();
}
const everywhere = async () =>
  Object.fromEntries(await Promise.all(lab.machines.map(async ({ name }) => [name, await containers(name)] as const)));

describe('a second week over one that a GO has kept', () => {
  let kept: string;
  const names = ['edgehub', 'pushgateway-main', 'pushgateway-pc2', 'nats-main', 'nats-pc2'];

  test('is refused on day 0, by name and with the run that made it, and touches nothing', async () => {
    kept = await startQuickly();
    await follow(isStatus('deciding'), 4 * minutes);
    for (const who of ['ada', 'grace'])
      await hubshift('approve', 'go', '--confidence', '95', '--reason', 'a test', '--override', '--as', who);
    await follow(isStatus('completed'), minutes);
    const before = await atRest();

    const preflight = await hubshift('preflight');
    expect(preflight.exitCode).toBe(1);
    expect(preflight.stdout).toMatch(
      new RegExp(`fail +preflight\\.rights .*made by run ${kept}, which was kept by its GO`),
    );
    const dryRun = await hubshift('start', '--dry-run');
    expect(dryRun.exitCode).toBe(1);
    expect(dryRun.stdout).toMatch(new RegExp(`blocked +PC2 +container +edgehub +there is one of run ${kept}`));
    expect(differences(before, await atRest())).toEqual([]);
  });

  test('that did not look is refused by its first steps, and its rollback leaves what runs', async () => {
    const before = await atRest();
    await startQuickly();
    await follow(({ glance }) => glance.status === 'failed', 2 * minutes);
    const failed = (await report()).requirements.filter(({ verdict }) => verdict === 'fail');
    expect(failed).toMatchObject([{ task: '2A', summary: expect.stringContaining(`run ${kept}`) }]);
    await must('rollback', '--reason', 'it is not ours');
    expect(differences(before, await atRest())).toEqual([]);
  });

  test('with adopt in its plan takes it over, and its rollback starts the very same again', async () => {
    const [before, config] = [await everywhere(), hubText()];
    const streams = ['metrics', 'health', 'alerts'].map((of) => `observability-${of}`);
    // Of another specification, too.
    const plan = variant('adopting.yaml', { adopt: [...names, ...streams], 'services.1.stopGrace': '11s' });
    const run = await startQuickly([], plan);
    await follow(({ glance }) => glance.phase === '2C', 4 * minutes);
    const pc2 = (await containers('PC2')).join('\n');
    expect(pc2).toMatch(new RegExp(`^/edgehub \\w+ running always .*${run}`, 'm'));
    expect(pc2).toMatch(new RegExp(`^/edgehub\\.before-${run} \\w+ exited no .*${kept}`, 'm'));
    await must('rollback', '--reason', 'back to production');
    expect(await everywhere()).toEqual(before);
    expect(hubText()).toBe(config);
  });

  test('and the kept run can still be rolled back, to Phase 1', async () => {
    for (const { name } of lab.machines) await must('rollback', '--emergency', '--machine', name, '--run', kept);
    expect(await lab.changes()).toEqual([]);
  });
});

describe("CentralHub's file in other hands", () => {
  let original: string;
  beforeAll(() => void (original = hubText()));
  const reload = () => fetch(`http://${lab.machine('MainPC').address}:9000/-/reload`, { method: 'POST' });

  afterEach(async () => {
    await endWeek(lab);
    writeFileSync(hubFile(), original);
    await reload();
    expect(await lab.changes()).toEqual([]);
  });

  const scraped = () => follow(atStep('2B.test.impact'), 4 * minutes);
  const kept = ['preflight.baseline', '2B.test.impact'];

  test('written in by others since: only the jobs of the week are taken out', async () => {
    await startQuickly(kept);
    await scraped();
    writeFileSync(hubFile(), hubText() + nightShift);
    await must('rollback', '--reason', 'a test');
    expect(hubText()).toBe(original + nightShift);
    const answer = await fetch(`http://${lab.machine('MainPC').address}:9000/api/v1/status/config`);
    const running = await answer.text();
    expect(running).toContain('night-shift');
    expect(running).not.toContain('pushgateway');
  });

  test("with the user's own job of our name: refused by name on day 0", async () => {
    writeFileSync(hubFile(), original + nightShift.replace('night-shift', 'pushgateway-main'));
    const { exitCode, stdout } = await hubshift('preflight');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /preflight\.rights .*a scrape job pushgateway-main that is not this run's: it was not made by hubshift/,
    );
  });

  test('replaced while the week was in it, and the step done again: their job survives the rollback, byte for byte', async () => {
    await startQuickly(kept);
    await scraped();
    writeFileSync(hubFile(), original + nightShift);
    await must('rollback', '--task', '2B', '--reason', 'configuration management was at it');
    expect(hubText()).toBe(original + nightShift);
    await must('resume');
    await scraped();
    expect(hubText()).toMatch(/night-shift[^]*pushgateway-main/);
    await must('rollback', '--reason', 'a test');
    expect(hubText()).toBe(original + nightShift);
    expect((await report()).requirements.find(({ id }) => id === '2B.undo.configs')).toMatchObject({ verdict: 'pass' });
  });
});
