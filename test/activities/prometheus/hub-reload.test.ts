import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { fileActivities } from '../../../activities/files/files.ts';
import { reload } from '../../../activities/prometheus/hub-reload.ts';
import { ledgerOf } from '../../../activities/ledger/ledger.ts';
import { undo } from '../../../activities/undo/undo.ts';
import type { ReloadSpec } from '../../../plan/week/undo.ts';
import { temporaryMachine } from '../machine.ts';

interface Hub {
  spec: ReloadSpec;
  /** Jobs that it runs after the next reload; an error when its configuration is bad. */
  next: { jobs: string[]; error?: string };
  reloads: number;
  /** Whoever asks, until it is told so. */
  refuses: boolean;
  /** Whatever the plan says. */
  isClosed: boolean;
}

/** A hub that answers as Prometheus does; a reload that it does not take is waited for `withinMs`. */
async function hub(lifecycle: boolean, withinMs = 1_000): Promise<Hub> {
  const found: Hub = {
    spec: { container: 'centralhub', url: '', lifecycle, withinMs },
    next: { jobs: ['self'] },
    reloads: 0,
    refuses: false,
    isClosed: false,
  };
  let running = ['self'];
  let reloadedAt = 1;
  const take = (): void => {
    found.reloads += 1;
    if (found.next.error) return;
    running = found.next.jobs;
    reloadedAt += 1;
  };
  const server = createServer(({ url }, answer) => {
    if (found.refuses) answer.writeHead(401).end();
    else if (url === '/-/reload' && found.isClosed) answer.writeHead(403).end('Lifecycle API is not enabled.');
    else if (url === '/-/reload') {
      take();
      answer.writeHead(found.next.error ? 500 : 200).end(found.next.error);
    } else if (url === '/metrics')
      answer.end(
        `prometheus_config_last_reload_successful ${found.next.error ? 0 : 1}\nprometheus_config_last_reload_success_timestamp_seconds ${reloadedAt}\n`,
      );
    else
      answer.end(
        JSON.stringify({ data: { yaml: `scrape_configs:\n${running.map((job) => `- job_name: ${job}\n`).join('')}` } }),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  found.spec.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.on('SIGHUP', take);
  onTestFinished(() => {
    process.off('SIGHUP', take);
    server.close();
  });
  return found;
}

describe('a reload', () => {
  it('that is sent to a page to log in is none', async () => {
    const asked: string[] = [];
    const server = createServer(({ method, url }, answer) => {
      asked.push(`${method} ${url}`);
      answer
        .writeHead(url === '/-/reload' ? 302 : 200, { location: '/login' })
        .end('{"data":{"yaml":"scrape_configs: []"}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const spec: ReloadSpec = { container: 'centralhub', url, lifecycle: true, withinMs: 1_000 };
    expect(await reload(await temporaryMachine(), spec)).toMatchObject({
      successful: false,
      error: expect.stringContaining('/-/reload answered 302'),
    });
    expect(asked).not.toContain('GET /login');
  });

  it('goes over HTTP and ends when the hub runs the jobs', async () => {
    const central = await hub(true);
    central.next.jobs = ['self', 'pushgateway'];
    expect(await reload(await temporaryMachine(), central.spec, ['pushgateway'])).toMatchObject({
      how: 'http',
      successful: true,
      jobs: ['self', 'pushgateway'],
    });
  });

  it('is a signal to the process of the container where lifecycle is off', async () => {
    const central = await hub(false);
    central.next.jobs = ['self', 'pushgateway'];
    const host = await temporaryMachine([{ name: 'centralhub', running: true, pid: process.pid }]);
    expect(await reload(host, central.spec, ['pushgateway'])).toMatchObject({
      how: 'signal',
      successful: true,
      jobs: ['self', 'pushgateway'],
    });
    expect(central.reloads).toBe(1);
  });

  it('is a signal as well where lifecycle is off in the hub alone, as after a start without the flag', async () => {
    const central = await hub(true);
    central.isClosed = true;
    central.next.jobs = ['self', 'pushgateway'];
    const host = await temporaryMachine([{ name: 'centralhub', running: true, pid: process.pid }]);
    expect(await reload(host, central.spec, ['pushgateway'])).toMatchObject({ how: 'signal', successful: true });
    expect(central.reloads).toBe(1);
  });

  it('is signalled to a hub that refuses who asks: nobody sees what became of it, and it is done', async () => {
    const central = await hub(false);
    central.refuses = true;
    const host = await temporaryMachine([{ name: 'centralhub', running: true, pid: process.pid }]);
    expect(await reload(host, central.spec, [])).toMatchObject({
      how: 'signal',
      successful: false,
      error: expect.stringMatching(/centralhub was told to reload, and nobody can see whether it did: .* answered 401/),
      unknown: true,
    });
    expect(await reload(host, { ...central.spec, lifecycle: true })).toMatchObject({
      how: 'http',
      successful: false,
      unknown: true,
    });
    await expect.poll(() => central.reloads).toBe(1);
  });

  it('signals nobody else where Docker tells no process of it: 0 would be our own group', async () => {
    const central = await hub(false);
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    onTestFinished(() => kill.mockRestore());
    for (const pid of [0, -1, 1]) {
      const host = await temporaryMachine([{ name: 'centralhub', running: true, pid }]);
      expect(await reload(host, central.spec, [])).toMatchObject({
        successful: false,
        error: `${pid} is no process that may be sent SIGHUP`,
      });
    }
    expect(kill).not.toHaveBeenCalled();
  });

  it('that the hub refuses is no success, and tells what it said', async () => {
    const central = await hub(true);
    central.next.error = "couldn't load configuration: line 7";
    expect(await reload(await temporaryMachine(), central.spec, ['self'])).toMatchObject({
      successful: false,
      error: expect.stringContaining('line 7'),
    });
  });

  it('after which a job is missing, or one is still there, is no success', async () => {
    const central = await hub(true, 300);
    expect(await reload(await temporaryMachine(), central.spec, ['pushgateway'])).toMatchObject({
      successful: false,
      jobs: ['self'],
    });
    expect(await reload(await temporaryMachine(), central.spec, [], ['self'])).toMatchObject({
      successful: false,
      jobs: ['self'],
    });
  });
});

describe('undoing the edit of a hub', () => {
  const edit = {
    kind: 'scrape-jobs' as const,
    jobs: [{ job_name: 'pushgateway', honor_labels: true, static_configs: [{ targets: ['PC2:9091'] }] }],
  };
  const original = 'scrape_configs:\n  - job_name: self\n';

  it('reloads it, and fails while the hub does not take its old configuration', async () => {
    const central = await hub(true, 300);
    const host = await temporaryMachine([{ name: 'centralhub', running: true }]);
    const ledger = ledgerOf(host, undo);
    await writeFile(host.path('/hub.yml'), original);
    await fileActivities(host, ledger).editFile({
      change: { run: 'week-1', step: '2B.scrape.central' },
      path: '/hub.yml',
      edit,
      reload: central.spec,
    });
    central.next.jobs = ['self', 'pushgateway'];
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([
      { result: 'failed', detail: expect.stringContaining('has its file back but did not reload') },
    ]);
    central.next.jobs = ['self'];
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([{ result: 'undone' }]);
    expect(central.reloads).toBe(2);
  });

  it('does not reload a hub that does not run', async () => {
    const central = await hub(true);
    const host = await temporaryMachine([{ name: 'centralhub', running: false }]);
    const ledger = ledgerOf(host, undo);
    await writeFile(host.path('/hub.yml'), original);
    await fileActivities(host, ledger).editFile({
      change: { run: 'week-1', step: '2B.scrape.central' },
      path: '/hub.yml',
      edit,
      reload: central.spec,
    });
    expect(await ledger.rollback({ run: 'week-1', scope: 'all' })).toMatchObject([{ result: 'undone' }]);
    expect(central.reloads).toBe(0);
  });
});
