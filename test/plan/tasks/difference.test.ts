// A dry run knows what is as wanted, what is to be made or changed, and what stands in the way.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ContainerState, ImageFound } from '../../../plan/machine-api/containers.ts';
import type { StreamState } from '../../../plan/machine-api/nats.ts';
import {
  agentDiffers,
  containerDiffers,
  directoryDiffers,
  fileDiffers,
  jobsDiffer,
  portsDiffer,
  streamDiffers,
} from '../../../plan/tasks/difference.ts';
import type { Desired, DesiredOf } from '../../../plan/tasks/desired.ts';
import { desiredStateOf } from '../../../plan/tasks/desired-state.ts';
import { plan } from '../../client/fixtures.ts';

const everything = desiredStateOf(plan, (text) => createHash('sha256').update(text).digest('hex'));
const desired = <W extends Desired['what']>(what: W, target: string) =>
  everything.find((one): one is DesiredOf<W> => one.what === what && one.target === target)!;

const image: ImageFound = { image: 'prom/prometheus:latest', id: 'sha256:aa', digest: null, pulled: false };
const edgehub: ContainerState = {
  exists: true,
  ours: true,
  running: true,
  status: 'running',
  image: 'sha256:aa',
  specDigest: 'x',
  restartPolicy: 'always',
  published: [{ host: 9100, container: 9090, addresses: ['127.0.0.1', '10.77.0.2'] }],
  ports: ['9100->9090'],
  binds: [
    '/pc2/observability/logs:/var/log',
    '/pc2/observability/data:/prometheus',
    '/pc2/observability/config:/etc/prometheus',
  ],
  command: desired('container', 'edgehub').spec.command,
  startedAt: '',
  pid: 1,
  restarts: 0,
};

describe('desiredStateOf', () => {
  it('wants everything that the week makes or edits', () => {
    expect(everything.filter(({ what }) => what === 'container').map(({ target }) => target)).toEqual([
      'edgehub',
      'pushgateway-main',
      'pushgateway-pc2',
      'nats-main',
      'nats-pc2',
    ]);
    expect(everything.filter(({ what }) => what === 'file').map(({ target }) => target)).toEqual([
      '/pc2/observability/config/prometheus-edge.yml',
      '/pc2/observability/config/edgehub-rules.yml',
      '/mainpc/nats/config/nats-main.conf',
      '/pc2/nats/config/nats-pc2.conf',
    ]);
    expect(everything.filter(({ what }) => what === 'stream')).toHaveLength(3);
    expect(everything.filter(({ what }) => what === 'agent configuration')).toHaveLength(3);
    expect(desired('scrape jobs', 'centralhub').jobs).toEqual(['pushgateway-main', 'pushgateway-pc2']);
  });

  it('wants nothing of the bystanders', () => {
    expect(JSON.stringify(everything)).not.toContain('sentinel.yaml');
  });
});

describe('a container', () => {
  const differs = (is: Partial<ContainerState>, resolved: ImageFound | null = image, adopt = false) =>
    containerDiffers({ ...desired('container', 'edgehub'), adopt }, { ...edgehub, ...is }, resolved);

  it('that runs as specified is left', () => expect(differs({}).change).toBe('none'));
  it('that is missing is made', () => expect(differs({ exists: false }).change).toBe('create'));
  it('of somebody else stands in the way', () =>
    expect(differs({ ours: false })).toMatchObject({ change: 'blocked', found: expect.stringContaining('not ours') }));
  it('of another run stands in the way, as specified or not, unless the plan adopts it', () => {
    for (const is of [{ run: 'week-0' }, { run: 'week-0', command: [] }]) {
      expect(differs(is)).toMatchObject({ change: 'blocked', found: expect.stringContaining('of run week-0') });
      expect(differs(is, image, true)).toMatchObject({ change: 'replace', found: expect.stringContaining('adopted') });
    }
  });
  it('that stands still is started', () => expect(differs({ running: false, status: 'exited' }).change).toBe('edit'));
  it.each<[string, Partial<ContainerState>]>([
    ['ports', { published: [{ host: 9100, container: 9099, addresses: ['127.0.0.1', '10.77.0.2'] }] }],
    // On every interface, as before.
    ['ports', { published: [{ host: 9100, container: 9090 }] }],
    ['binds', { binds: edgehub.binds.slice(1) }],
    ['command', { command: [...edgehub.command, '--x'] }],
    ['restart', { restartPolicy: 'no' }],
    ['image', { image: 'sha256:bb' }],
  ])('with other %s is replaced', (what, is) =>
    expect(differs(is)).toEqual({ change: 'replace', found: `differs in ${what}` }),
  );
});

it('a port that a stranger holds stands in the way, our own container does not', () => {
  const ports = everything.find((one): one is DesiredOf<'ports'> => one.what === 'ports' && one.machine === 'PC2')!;
  expect(
    portsDiffer(ports, [
      { port: 9100, free: false, container: 'edgehub' },
      { port: 9091, free: true },
    ]).change,
  ).toBe('none');
  expect(portsDiffer(ports, [{ port: 9100, free: false, pid: 7, process: 'nginx' }])).toEqual({
    change: 'blocked',
    found: '9100 is held by nginx (pid 7)',
  });
});

it('a directory is made when missing and given its owner', () => {
  const data = desired('directory', '/pc2/observability/data');
  const is = { path: data.target, exists: true, owner: '65534:65534', mode: '755', freeBytes: 1, made: true };
  expect(directoryDiffers(data, is).change).toBe('none');
  expect(directoryDiffers(data, { ...is, owner: '0:0' }).change).toBe('edit');
  expect(directoryDiffers(data, { ...is, exists: false }).change).toBe('create');
  expect(directoryDiffers(data, { ...is, filled: true }).change).toBe('blocked');
  expect(directoryDiffers({ ...data, adopt: true }, { ...is, filled: true }).change).toBe('none');
});

it('a file is compared by its digest', () => {
  const rules = desired('file', '/pc2/observability/config/edgehub-rules.yml');
  expect(fileDiffers(rules, { exists: true, sha256: rules.sha256 }).change).toBe('none');
  expect(fileDiffers(rules, { exists: true, sha256: '00' }).change).toBe('replace');
  expect(fileDiffers(rules, { exists: false, sha256: null }).change).toBe('create');
});

it('a hub is edited when a scrape job is missing', () => {
  const status = {
    version: '',
    retention: '',
    jobs: ['pushgateway-main'],
    outOfOrderWindow: null,
    scrapeInterval: '',
    reloadSuccessful: true,
    oldestSampleMs: null,
  };
  const jobs = desired('scrape jobs', 'centralhub');
  expect(jobsDiffer(jobs, status)).toMatchObject({
    change: 'blocked',
    found: expect.stringContaining('pushgateway-main'),
  });
  expect(jobsDiffer(jobs, { ...status, jobs: ['self'] })).toMatchObject({ change: 'edit' });
  expect(jobsDiffer({ ...jobs, adopt: ['pushgateway-main'] }, status)).toEqual({
    change: 'edit',
    found: 'does not scrape pushgateway-pc2',
  });
});

it('a stream is counted with its leader', () => {
  const is: StreamState = {
    stream: 's',
    messages: 5,
    lastSequence: 5,
    leader: 'nats-main',
    replicas: [{ name: 'nats-pc2', current: true, lag: 0 }],
    subjects: {},
    consumers: [],
    waitedMs: 0,
  };
  const found = desired('stream', 'observability-metrics');
  expect(streamDiffers(found, is).change).toBe('blocked');
  const metrics = { ...found, adopt: true };
  expect(streamDiffers(metrics, is).change).toBe('none');
  expect(streamDiffers(metrics, { ...is, replicas: [] }).change).toBe('edit');
  expect(streamDiffers(metrics, { ...is, error: 'stream not found' }).change).toBe('create');
  // It may be there: nobody knows.
  const error = 'messaging.users.week: seedFile /etc/site/week.seed is not on this machine';
  expect(streamDiffers(metrics, { ...is, error, refused: true })).toEqual({ found: error, change: 'blocked' });
});

it('an agent without dual-hub settings is edited', () => {
  expect(agentDiffers({ ours: { ok: false, message: '' }, agents: null }).change).toBe('edit');
  expect(agentDiffers({ ours: { ok: true, message: '' }, agents: null }).change).toBe('none');
});
