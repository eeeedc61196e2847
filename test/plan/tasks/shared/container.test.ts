// Verdicts of machines, containers, files and their use.
import type { ContainerSpec, ContainerState, ImageFound } from '../../../../plan/machine-api/containers.ts';
import type { DirectoryState } from '../../../../plan/machine-api/files.ts';
import type { Impact } from '../../../../plan/machine-api/measure.ts';
import type { MachineFacts, PortHolder, Probe, Right } from '../../../../plan/machine-api/host.ts';
import * as shared from '../../../../plan/tasks/shared/container.ts';
import * as baseline from '../../../../plan/tasks/preflight/verdicts/baseline.ts';
import * as images from '../../../../plan/tasks/preflight/verdicts/images.ts';
import * as machines from '../../../../plan/tasks/preflight/verdicts/machines.ts';
import * as ofNames from '../../../../plan/tasks/preflight/verdicts/names.ts';
import * as rights from '../../../../plan/tasks/preflight/verdicts/rights.ts';
import * as topology from '../../../../plan/tasks/preflight/verdicts/topology.ts';
import * as wayBack from '../../../../plan/tasks/preflight/verdicts/way-back.ts';
import { storageIsSound } from '../../../../plan/tasks/edgehub/verdicts.ts';
import { judge, type Judged } from '../judged.ts';

const preflight = { ...baseline, ...images, ...machines, ...ofNames, ...rights, ...topology, ...wayBack };
const judges = { ...shared, ...preflight, storageIsSound };

const facts = (machine: string, change: Partial<MachineFacts> = {}): MachineFacts => ({
  machine,
  hostname: machine,
  build: 'b1',
  node: 'v20',
  uid: 0,
  clockOffsetMs: 0,
  ...change,
});
const probe = (change: Partial<Probe> = {}): Probe => ({
  url: 'http://a:1/',
  ok: true,
  status: 200,
  latencyMs: 3,
  ...change,
});
const right = (ok: boolean): Right => ({ what: 'Docker', ok, detail: 'permission denied' });
const plan = (topology: 'pair' | 'arbiter') =>
  ({ messaging: { topology } }) as Parameters<typeof judges.topologyIsKnown>[0];
const voters = (...machines: string[]) => machines.map((machine, index) => ({ name: `n${index}`, machine }));
const central = { receiver: probe(), outOfOrderWindow: '10m' };
const image = (change: Partial<ImageFound> = {}): ImageFound => ({
  image: 'p:latest',
  id: 'sha256:1',
  digest: null,
  pulled: false,
  ...change,
});
const freeOrOurs = judges.freeOrOurs('edgehub', { run: 'week-1', adopt: false });
const container = (change: Partial<ContainerState> = {}): ContainerState => ({
  exists: true,
  ours: true,
  running: true,
  status: 'running',
  image: 'sha256:1',
  specDigest: 'd1',
  restartPolicy: 'always',
  published: [{ host: 9100, container: 9090 }],
  ports: ['9100->9090'],
  binds: ['/data:/prometheus'],
  command: ['--a'],
  startedAt: 't',
  pid: 1,
  restarts: 0,
  ...change,
});
const absent = container({
  exists: false,
  ours: false,
  running: false,
  status: '',
  specDigest: null,
  restartPolicy: '',
  published: [],
  ports: [],
  binds: [],
  command: [],
});
const spec: ContainerSpec = {
  name: 'edgehub',
  image: 'sha256:1',
  restart: 'always',
  ports: [{ host: 9100, container: 9090 }],
  binds: [{ host: '/data', container: '/prometheus' }],
  command: ['--a'],
  extraHosts: {},
  stopGraceMs: 1,
};
const directory = (change: Partial<DirectoryState> = {}): DirectoryState => ({
  path: '/data',
  exists: true,
  owner: '1:1',
  mode: '755',
  freeBytes: 2e9,
  made: true,
  ...change,
});
const impact = (samples: number, failed = 0): Impact => ({
  at: 0,
  durationMs: 1,
  responseMs: { hub: { samples, failed, p50: 1, p95: 2, p99: 3 } },
  containers: {},
  programs: {},
  machine: { cpuPercent: 1, memoryPercent: 1, memoryBytes: 1, cores: 2, receivedBytesPerS: 1, sentBytesPerS: 1 },
});
const names = [
  { name: 'A', address: '10.0.0.1' },
  { name: 'B', address: '10.0.0.2' },
];
const resolved = (inContainer = true) => names.map(({ name, address }) => ({ name, here: address, inContainer }));
/** All as it should be, but for one. */
const known = (one: string, ...all: string[]) =>
  resolved().map((found) => (found.name === one ? { ...found, here: all[0]!, all } : found));
const machineA = {
  name: 'A',
  address: '10.0.0.1',
  root: '/',
  docker: '/var/run/docker.sock',
  supervisor: '/etc/supervisor/supervisord.conf',
  state: '/var/lib/hubshift',
};
const machineB = { ...machineA, name: 'B', address: '10.0.0.99' };
const port = (change: Partial<PortHolder> = {}): PortHolder => ({ port: 9100, free: true, ...change });
const asSpecified = (change: Partial<ContainerState>) =>
  judges.asSpecified(spec)({ deployed: { id: 'i', action: 'created', specDigest: 'd1' }, state: container(change) });
/** Of a plan that says where it listens. */
const listening = (...published: ContainerState['published'] & object) =>
  judges.asSpecified({ ...spec, listen: ['10.0.0.2', '127.0.0.1'] })({
    deployed: { id: 'i', action: 'created', specDigest: 'd1' },
    state: container({ published }),
  });
/** Of a plan that gives it 1.5 processors and 1 GiB. */
const limited = (limits: ContainerState['limits']) =>
  judges.asSpecified({ ...spec, limits: { cpus: 1.5, memoryBytes: 2 ** 30 } })({
    deployed: { id: 'i', action: 'created', specDigest: 'd1' },
    state: container({ limits }),
  });

judge({
  machinesAgree: {
    passes: [
      judges.machinesAgree(1_000)([facts('A', { clockOffsetMs: -400 }), facts('B', { clockOffsetMs: 600 })]),
      judges.machinesAgree(1_000, { machines: [machineA], control: 'b1' })([facts('A', { planned: machineA })]),
      judges.machinesAgree(1_000, { machines: [{ ...machineA, listen: ['10.0.0.1'] }], control: 'b1' })([
        facts('A', { addresses: ['10.0.0.1', '192.168.1.7'] }),
      ]),
      // Others reach it by a translation, and it listens behind that.
      judges.machinesAgree(1_000, { machines: [{ ...machineA, listen: ['192.168.1.7'] }], control: 'b1' })([
        facts('A', { addresses: ['192.168.1.7'] }),
      ]),
      // Whatever the spelling.
      judges.machinesAgree(1_000, {
        machines: [{ ...machineA, address: 'fd00::2', listen: ['fd00:0:0::2', '::1'] }],
        control: 'b1',
      })([facts('A', { addresses: ['fd00::2'] })]),
      // Its address is that of a translation.
      judges.machinesAgree(1_000, { machines: [machineA, machineB], control: 'b1' })([
        facts('A', { addresses: ['192.168.1.7'] }),
        facts('B', { addresses: [machineB.address] }),
      ]),
    ],
    fails: [
      [
        judges.machinesAgree(1_000)([facts('A', { clockOffsetMs: -401 }), facts('B', { clockOffsetMs: 600 })]),
        /clocks differ by 1001 ms/,
      ],
      [judges.machinesAgree(1_000)([facts('A'), facts('B', { build: 'b2' })]), /A: b1, B: b2/],
      [judges.machinesAgree(1_000, { machines: [], control: 'b2' })([facts('A')]), /the control worker: b2, A: b1/],
      [
        judges.machinesAgree(1_000, { machines: [machineA, machineB], control: 'b1' })([
          facts('A', { addresses: [machineA.address] }),
          facts('B', { addresses: ['172.17.0.1', machineA.address] }),
        ]),
        /^the worker of B runs on A, which has [\d.]+: start it on B$/,
      ],
      [
        judges.machinesAgree(1_000, { machines: [{ ...machineA, listen: ['192.168.1.7'] }], control: 'b1' })([
          facts('A', { addresses: ['10.0.0.1', '192.168.1.7'] }),
        ]),
        /^A does not listen at 10\.0\.0\.1, where the others reach it: add it to its "listen"$/,
      ],
      [
        judges.machinesAgree(1_000, { machines: [machineA, { ...machineB, address: 'FD00:0::2' }], control: 'b1' })([
          facts('A', { addresses: ['fd00::2'] }),
          facts('B', { addresses: [] }),
        ]),
        /^the worker of A runs on B, which has FD00:0::2/,
      ],
      [
        judges.machinesAgree(1_000, { machines: [machineA], control: 'b1' })([
          facts('A', { planned: { ...machineA, docker: '/run/other.sock', root: '/old' } }),
        ]),
        /the worker of A has root \/old; the plan of this run says \/.*; the worker of A has docker \/run\/other\.sock/,
      ],
    ],
    noData: [[judges.machinesAgree(1_000)([]), 'inconclusive']],
  },
  topologyIsKnown: {
    passes: [
      judges.topologyIsKnown(plan('pair'), voters('A', 'B'))(central),
      judges.topologyIsKnown(plan('pair'), voters('A', 'B'))({ ...central, untold: 'it says no version' }),
      judges.topologyIsKnown(plan('arbiter'), voters('A', 'B', 'C'))(central),
      judges.topologyIsKnown(plan('arbiter'), voters('A', 'B', 'C'), [{ name: 's', replicas: 3 }])(central),
      // Fewer replicas than voters are enough, where they survive a loss.
      judges.topologyIsKnown(plan('arbiter'), voters('A', 'B', 'C', 'D', 'E'), [{ name: 's', replicas: 3 }])(central),
      judges.topologyIsKnown(plan('pair'), voters('A', 'B'), [{ name: 's', replicas: 2 }])(central),
    ],
    fails: [
      [judges.topologyIsKnown(plan('arbiter'), voters('A', 'B', 'A'))(central), /2 of 3 voters share a machine/],
      [
        judges.topologyIsKnown(
          plan('pair'),
          voters('A', 'B'),
        )({ ...central, receiver: probe({ ok: false, status: 401, error: 'answered 401: no (it wants a login)' }) }),
        /^CentralHub answered 401: no \(it wants a login\)$/,
      ],
      [
        judges.topologyIsKnown(plan('arbiter'), voters('A', 'B', 'C', 'D', 'A'), [{ name: 's', replicas: 3 }])(central),
        /2 of 5 voters share a machine/,
      ],
      [
        judges.topologyIsKnown(plan('arbiter'), voters('A', 'B', 'C'), [
          { name: 'whole', replicas: 3 },
          { name: 'health', replicas: 2 },
        ])(central),
        /^health has 2 replicas, so that losing one server may stop its writes: an arbiter wants three or more$/,
      ],
      [
        judges.topologyIsKnown(
          plan('pair'),
          voters('A', 'B'),
        )({ ...central, receiver: probe({ ok: false, status: 404 }) }),
        /remote writes \(404\)/,
      ],
    ],
    noData: [
      [
        judges.topologyIsKnown(
          plan('pair'),
          voters('A', 'B'),
        )({ ...central, receiver: probe({ ok: false, status: undefined, error: 'time-out' }) }),
        'fail',
      ],
    ],
  },
  rightsAreThere: {
    passes: [
      judges.rightsAreThere([{ machine: 'A', rights: [right(true)] }]),
      judges.rightsAreThere([{ machine: 'A', rights: [right(true)] }], ['the door is open']),
    ],
    fails: [
      [judges.rightsAreThere([{ machine: 'A', rights: [right(true), right(false)] }]), /A: Docker: permission denied/],
    ],
    noData: [
      [judges.rightsAreThere([]), 'inconclusive'],
      [
        judges.rightsAreThere([
          { machine: 'A', rights: [right(true)] },
          { machine: 'B', rights: [] },
        ]),
        'inconclusive',
      ],
    ],
  },
  wayBackIsReady: {
    passes: [judges.wayBackIsReady({ found: [{ machine: 'A', rights: [right(true)] }], levelThree: { none: 'none' } })],
    fails: [
      [
        judges.wayBackIsReady({
          found: [{ machine: 'A', rights: [right(false)] }],
          levelThree: { run: 'r', at: 1, ms: 1, tookBack: ['a', 'b'] },
        }),
        /A: Docker: permission denied; level 3 of run r took back 2 changes/,
      ],
      [
        judges.wayBackIsReady({
          found: [{ machine: 'A', rights: [right(false)] }],
          levelThree: { run: 'r', at: 1, ms: 1, tookBack: ['a', 'b'] },
          noProof: 'the level 3 of run r is old',
        }),
        /the level 3 of run r is old, and the gate wants another/,
      ],
    ],
    noData: [[judges.wayBackIsReady({ found: [], levelThree: { none: 'none' } }), 'inconclusive']],
  },
  namesResolve: {
    passes: [
      judges.namesResolve(names)([{ machine: 'A', names: resolved() }]),
      judges.namesResolve(names, true)([{ machine: 'A', names: resolved() }]),
      // Debian's /etc/hosts has a machine's own name so.
      judges.namesResolve(names, true)([{ machine: 'A', names: known('A', '127.0.1.1') }]),
      judges.namesResolve(names, true, () => ['10.0.0.1', '127.0.0.1'])([
        { machine: 'A', names: known('A', '127.0.0.1') },
      ]),
      judges.namesResolve(names, true)([{ machine: 'A', names: known('B', 'fd00::2', '10.0.0.2') }]),
      judges.namesResolve(
        [{ name: 'B', address: 'fd00:0::0002' }],
        true,
      )([{ machine: 'A', names: known('B', 'fd00::2', '10.0.0.9') }]),
    ],
    fails: [
      [
        judges.namesResolve(names)([{ machine: 'A', names: resolved().slice(0, 1) }]),
        /B does not resolve on A; add "10.0.0.2 B"/,
      ],
      [
        judges.namesResolve(names, true, () => ['10.0.0.1', '127.0.0.1'])([
          { machine: 'A', names: known('A', '127.0.1.1') },
        ]),
        /^A is 127\.0\.1\.1 on A; the plan says 10\.0\.0\.1, and listens at 10\.0\.0\.1, 127\.0\.0\.1: mend its/,
      ],
      [
        judges.namesResolve(names)([{ machine: 'A', names: resolved(false) }]),
        /A does not resolve in a container on A/,
      ],
      [
        judges.namesResolve(names, true)([{ machine: 'A', names: known('B', '10.0.0.9') }]),
        /^B is 10\.0\.0\.9 on A; the plan says 10\.0\.0\.2/,
      ],
      // Whichever is dialled first.
      [
        judges.namesResolve(names, true)([{ machine: 'A', names: known('B', '10.0.0.2', '10.0.0.9') }]),
        /^B is 10\.0\.0\.2, 10\.0\.0\.9 on A/,
      ],
      [judges.namesResolve(names, true)([{ machine: 'B', names: known('A', '127.0.0.1') }]), /A is 127\.0\.0\.1 on B/],
    ],
    noData: [
      [judges.namesResolve(names)([]), 'inconclusive'],
      [judges.namesResolve(names)([{ machine: 'A', names: [] }]), 'fail'],
    ],
  },
  imagesResolved: {
    passes: [
      judges.imagesResolved([
        { machine: 'A', image: 'p', is: image({ digest: 'p@sha256:1' }) },
        { machine: 'B', image: 'p', is: image({ digest: 'p@sha256:1' }) },
      ]),
    ],
    fails: [
      [
        judges.imagesResolved([
          { machine: 'A', image: 'p', is: image({ digest: 'p@sha256:1' }) },
          { machine: 'B', image: 'p', is: image({ digest: 'p@sha256:2' }) },
        ]),
        /p resolves to different digests/,
      ],
    ],
    noData: [
      [judges.imagesResolved([]), 'inconclusive'],
      [judges.imagesResolved([{ machine: 'A', image: 'p', is: null }]), 'fail'],
    ],
  },
  imagesAreHere: {
    passes: [judges.imagesAreHere([{ machine: 'A', image: 'p@sha256:1', is: image({ digest: 'p@sha256:1' }) }])],
    fails: [[judges.imagesAreHere([{ machine: 'A', image: 'p', is: null }]), /p is not on A/]],
    noData: [[judges.imagesAreHere([]), 'inconclusive']],
  },
  baselineIsWhole: {
    passes: [judges.baselineIsWhole({ A: impact(10), B: impact(10) })],
    fails: [[judges.baselineIsWhole({ A: impact(10, 1) }), /hub from A: 1 of 10 requests failed/]],
    noData: [
      [judges.baselineIsWhole({}), 'inconclusive'],
      [judges.baselineIsWhole({ A: impact(0) }), 'inconclusive'],
      [judges.baselineIsWhole({ A: impact(10), B: { ...impact(10), responseMs: {} } }), 'inconclusive'],
    ],
  },
  answered: {
    passes: [judges.answered({ version: '27', apiVersion: '1' })],
    fails: [[judges.answered({ version: '', apiVersion: '' }), /no version/]],
    noData: [[judges.answered({ version: '', apiVersion: '' }), 'fail']],
  },
  allAnswered: {
    passes: [judges.allAnswered([{ version: '27', apiVersion: '1' }])],
    fails: [
      [
        judges.allAnswered([
          { version: '27', apiVersion: '1' },
          { version: '', apiVersion: '' },
        ]),
        /machine 2/,
      ],
    ],
    noData: [[judges.allAnswered([]), 'inconclusive']],
  },
  freeOrOurs: {
    passes: [
      freeOrOurs({ holders: [port()], state: absent }),
      freeOrOurs({ holders: [port({ free: false, container: 'edgehub' })], state: container() }),
      freeOrOurs({ holders: [port({ free: false, container: 'edgehub' })], state: container({ run: 'week-1' }) }),
      judges.freeOrOurs('edgehub', { run: 'week-1', adopt: true })({
        holders: [port({ free: false, container: 'edgehub' })],
        state: container({ ours: false, run: null }),
      }),
    ],
    fails: [
      [
        freeOrOurs({
          holders: [port({ free: false, container: 'edgehub' })],
          state: container({ run: 'week-0' }),
        }),
        /^the container edgehub is of run week-0; adopt it.*held by container edgehub/,
      ],
      [freeOrOurs({ holders: [port()], state: container({ ours: false, run: null }) }), /edgehub is not ours; adopt/],
      [
        freeOrOurs({
          holders: [port({ free: false, process: 'node_exporter', pid: 7 })],
          state: absent,
        }),
        /port 9100 is held by node_exporter \(pid 7\)/,
      ],
      [
        freeOrOurs({
          holders: [port({ free: false, container: 'edgehub' })],
          state: container({ ours: false }),
        }),
        /held by container edgehub/,
      ],
    ],
    noData: [[freeOrOurs({ holders: [], state: absent }), 'inconclusive']],
  },
  ownedBy: {
    passes: [judges.ownedBy([{ path: '/data', owner: '1:1' }])([directory()])],
    fails: [
      [
        judges.ownedBy([{ path: '/data', owner: '1:1' }])([directory({ owner: '0:0' })]),
        /belongs to 0:0; 1:1 is wanted/,
      ],
    ],
    noData: [[judges.ownedBy([{ path: '/data', owner: '1:1' }])([]), 'fail']],
  },
  storageIsSound: {
    passes: [judges.storageIsSound('1:1', 1e9)(directory())],
    fails: [
      [judges.storageIsSound('1:1', 1e9)(directory({ owner: '0:0' })), /belongs to 0:0/],
      [judges.storageIsSound('1:1', 1e9)(directory({ mode: '555' })), /its owner can't write/],
      [judges.storageIsSound('1:1', 3e9)(directory()), /1907 MiB free/],
    ],
    noData: [[judges.storageIsSound('1:1', 1e9)(directory({ exists: false })), 'fail']],
  },
  sameImage: {
    passes: [judges.sameImage('sha256:1')(image()), judges.sameImage('p@sha256:9')(image({ digest: 'p@sha256:9' }))],
    fails: [[judges.sameImage('sha256:2')(image()), /is sha256:1 now; sha256:2 was resolved/]],
    noData: [[judges.sameImage(undefined)(image()), 'inconclusive']],
  },
  asSpecified: {
    passes: [
      asSpecified({}),
      listening({ host: 9100, container: 9090, addresses: ['127.0.0.1', '10.0.0.2'] }),
      limited({ cpus: 1.5, memoryBytes: 2 ** 30 }),
    ],
    fails: [
      [asSpecified({ ours: false }), /not ours/],
      [asSpecified({ specDigest: 'd2' }), /not the one deployed/],
      [asSpecified({ restartPolicy: 'no' }), /restart policy no/],
      [asSpecified({ published: [] }), /port 9100->9090 is not published/],
      [
        asSpecified({ published: [{ host: 9100, container: 9090, addresses: ['127.0.0.1'] }] }),
        /^port 9100->9090 is wanted, and is published as 127\.0\.0\.1: 9100->9090$/,
      ],
      // As a worker of before makes it, and tells it.
      [
        listening({ host: 9100, container: 9090 }),
        /^port 10\.0\.0\.2, 127\.0\.0\.1: 9100->9090 is wanted, and is published on every interface$/,
      ],
      [listening(), /^port 9100->9090 is not published$/],
      [asSpecified({ binds: ['/other:/prometheus'] }), /mount \/data:\/prometheus is missing/],
      [asSpecified({ command: ['--b'] }), /its command is --b/],
      [limited({ cpus: 1, memoryBytes: 2 ** 30 }), /^limit of CPUs: 1.5 in the plan, 1 in Docker$/],
      [limited({ cpus: 1.5 }), /^limit of memory: 1 GiB in the plan, none in Docker$/],
    ],
    noData: [
      [judges.asSpecified(spec)({ deployed: { id: 'i', action: 'created', specDigest: 'd1' }, state: absent }), 'fail'],
      [limited(undefined), 'inconclusive'],
    ],
  },
  runningAndReady: {
    passes: [judges.runningAndReady({ state: container(), ready: probe() })],
    fails: [
      [judges.runningAndReady({ state: container({ running: false, status: 'exited' }), ready: probe() }), /is exited/],
    ],
    noData: [
      [
        judges.runningAndReady({
          state: container(),
          ready: probe({ ok: false, status: undefined, error: 'time-out' }),
        }),
        'fail',
      ],
    ],
  },
  reachableFromAll: {
    passes: [judges.reachableFromAll([{ from: 'A', probe: probe() }])],
    fails: [
      [
        judges.reachableFromAll([
          { from: 'A', probe: probe() },
          { from: 'B', probe: probe({ ok: false, status: 503 }) },
        ]),
        /http:\/\/a:1\/ from B: 503/,
      ],
    ],
    noData: [[judges.reachableFromAll([]), 'inconclusive']],
  },
  configIsValid: {
    passes: [judges.configIsValid([{ what: 'rules', exitCode: 0, output: 'SUCCESS' }])],
    fails: [
      [
        judges.configIsValid([{ what: 'rules', exitCode: 1, output: 'Checking\nFAILED: line 3\n' }]),
        /rules: FAILED: line 3/,
      ],
    ],
    noData: [[judges.configIsValid([]), 'inconclusive']],
  },
} satisfies Record<keyof typeof judges, Judged>);
