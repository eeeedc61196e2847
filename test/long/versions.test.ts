// Some fifteen minutes, and as many more for the first build. The week with the newest servers, 2A to 2C with the oldest, and none with a NATS server that is older still.
import { describe, expect, test } from 'vitest';
import { workOf } from '../../plan/report/report.ts';
import { follow, hubshift, isStatus, must, notPassed, report } from '../lab/week/lab.ts';
import { useLab } from '../lab/week/use-lab.ts';

const minute = 60_000;

describe('with Prometheus 3.16 and NATS 2.15', () => {
  const lab = useLab(() => ({ versions: { prometheus: '3.16.0', nats: '2.15.3' } }));

  test('every step and check of the week passes', async () => {
    await must('start', '--yes', '--rehearsal', '10000');
    await follow(isStatus('deciding'), 15 * minute);
    expect(notPassed(await report())).toEqual([]);
    await saysItsVersions(lab, '3.16.0', '2.15.3');
  });

  test('and a rollback leaves Phase 1 as it was', async () => {
    await must('rollback', '--reason', 'the test is over');
    expect(await lab.changes()).toEqual([]);
  });
});

describe("with Debian's Prometheus 2.42 and NATS 2.10", () => {
  const lab = useLab(() => ({ versions: { nats: '2.10.7' }, changes: { holdBefore: ['2D'] } }));

  test('2A to 2C pass', async () => {
    await must('start', '--yes', '--rehearsal', '10000');
    await follow(isStatus('paused'), 10 * minute);
    const rows = workOf(await report());
    const done = rows.filter(({ task }) => ['preflight', '2A', '2B', '2C'].includes(task));
    expect(done.filter(({ verdict }) => verdict !== 'pass').map(({ id, summary }) => `${id}: ${summary}`)).toEqual([]);
    await saysItsVersions(lab, '2.42.0', '2.10.7');
  });

  test('and a rollback leaves Phase 1 as it was', async () => {
    await must('rollback', '--reason', 'the test is over');
    expect(await lab.changes()).toEqual([]);
  });
});

describe('with NATS 2.9', () => {
  const lab = useLab(() => ({ versions: { nats: '2.9.25' } }));

  test('preflight refuses it, names the version, and changes nothing', async () => {
    const { exitCode, stdout, stderr } = await hubshift('preflight');
    expect(exitCode, stdout + stderr).toBe(1);
    expect(stdout + stderr).toMatch(/fail .*2\.9\.25/);
    expect(await lab.changes()).toEqual([]);
  });
});

async function saysItsVersions(lab: ReturnType<typeof useLab>, prometheus: string, nats: string): Promise<void> {
  const said = async (machine: string, container: string, ...command: string[]) =>
    lab.docker(machine, 'exec', container, ...command);
  expect(await said('PC2', 'edgehub', '/bin/prometheus', '--version')).toContain(`version ${prometheus}`);
  expect(await said('PC2', 'nats-pc2', '/nats-server', '--version')).toContain(`v${nats}`);
}
