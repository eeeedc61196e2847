// A Docker daemon for tests: the few requests that the activities make, on a Unix socket, spoken to by the real client.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { onTestFinished } from 'vitest';

type Created = Docker.ContainerCreateOptions & { HostConfig: Docker.HostConfig };
export interface ToyContainer {
  id: string;
  config: Created;
  status: 'created' | 'running' | 'paused' | 'exited';
  logPath?: string;
  exitCode?: number;
}
type Answer = { status: number; body?: unknown };

export interface ToyDocker {
  socketPath: string;
  containers: Map<string, ToyContainer>;
  /** Image → answer of an inspection. */
  images: Map<string, { Id: string; RepoDigests: string[] }>;
  /** "POST create edgehub", in the order they came. */
  requests: string[];
  /** Lines of progress that a pull answers; each is JSON. */
  pull: object[];
  /** What a container prints. */
  log: Buffer;
  /** May answer a request in place of the daemon, once or always. */
  intercept: (request: string) => Answer | undefined;
  /** What becomes of a container once a request is done. */
  after: (request: string) => void;
  /** When a container was first started; each further start is a second later. */
  startsAt: number;
  /** What a request waits for before it is done, whether or not its asker is there any more. */
  before: (request: string) => Promise<unknown> | undefined;
}

/** Ends with the test. */
export async function toyDocker(): Promise<ToyDocker> {
  const directory = await mkdtemp(join(tmpdir(), 'hubshift-docker-'));
  const toy: ToyDocker = {
    socketPath: join(directory, 'docker.sock'),
    containers: new Map(),
    images: new Map(),
    requests: [],
    pull: [],
    log: Buffer.alloc(0),
    intercept: () => undefined,
    before: () => undefined,
    after: () => undefined,
    startsAt: Date.UTC(2026, 0, 1, 0, 0, 2),
  };
  let ids = 0;
  const starts = new WeakMap<ToyContainer, number>();

  function create(name: string, config: Created): Answer {
    if (toy.containers.has(name))
      return { status: 409, body: { message: `Conflict. The container name "/${name}" is already in use` } };
    const container: ToyContainer = { id: `id${(ids += 1)}`, config, status: 'created' };
    toy.containers.set(name, container);
    return { status: 201, body: { Id: container.id } };
  }

  /** `to` is what it is renamed to, `config` what is updated. */
  function act(verb: string, key: string, to = '', config?: Docker.HostConfig): Answer {
    const [name, container] = [...toy.containers].find(([known, { id }]) => known === key || id === key) ?? [];
    if (!name || !container) return { status: 404, body: { message: `No such container: ${key}` } };
    const running = container.status === 'running' || container.status === 'paused';
    switch (verb) {
      case 'inspect':
        return { status: 200, body: inspection(name, container, toy.startsAt + 1_000 * (starts.get(container) ?? 0)) };
      case 'start':
      case 'restart':
      case 'unpause':
        if (verb === 'start' && running) return { status: 304 };
        if (verb !== 'unpause') starts.set(container, (starts.get(container) ?? 0) + 1);
        container.status = 'running';
        return { status: 204 };
      case 'stop':
        if (!running) return { status: 304 };
        container.status = 'exited';
        return { status: 204 };
      case 'wait':
        return { status: 200, body: { StatusCode: 0 } };
      case 'pause':
        container.status = 'paused';
        return { status: 204 };
      case 'rename': {
        if (toy.containers.has(to)) return { status: 409, body: { message: `Conflict. "/${to}" is in use` } };
        toy.containers.delete(name);
        toy.containers.set(to, container);
        return { status: 204 };
      }
      case 'update':
        container.config.HostConfig.RestartPolicy = config?.RestartPolicy;
        return { status: 200, body: { Warnings: [] } };
      case 'logs':
        return { status: 200, body: toy.log };
      case 'remove':
        toy.containers.delete(name);
        return { status: 204 };
      default:
        return { status: 500, body: { message: `the toy knows no ${verb}` } };
    }
  }

  async function answer(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://docker');
    const [, kind, key = '', action] =
      /^\/(containers|images|version|info|distribution)\/?(.*?)(?:\/(json|start|stop|restart|unpause|pause|rename|update|wait|logs))?$/.exec(
        pathname,
      ) ?? [];
    const named = searchParams.get('name') ?? searchParams.get('fromImage');
    const name = named === null || action === 'rename' ? decodeURIComponent(key) : named;
    const verb =
      request.method === 'DELETE'
        ? 'remove'
        : key === 'create'
          ? 'create'
          : kind === 'containers' && key === 'json'
            ? 'list'
            : action === 'json'
              ? 'inspect'
              : (action ?? kind ?? '');
    const said = `${request.method} ${verb} ${name}`;
    toy.requests.push(said);
    const given = toy.intercept(said);
    if (given) return given;
    if (kind === 'version') return { status: 200, body: { Version: '20.10.24', ApiVersion: '1.41', Os: 'linux' } };
    if (verb === 'list')
      return {
        status: 200,
        body: [...toy.containers].map(([known, { id, config, status }]) => ({
          Id: id,
          Names: [`/${known}`],
          State: status,
          Ports: published(config),
        })),
      };
    if (kind === 'images' && verb === 'create')
      return { status: 200, body: Buffer.from(toy.pull.map((line) => `${JSON.stringify(line)}\n`).join('')) };
    if (kind === 'images')
      return toy.images.has(name)
        ? { status: 200, body: toy.images.get(name) }
        : { status: 404, body: { message: `No such image: ${name}` } };
    const body = verb === 'create' || verb === 'update' ? await json(request) : undefined;
    await toy.before(said);
    if (verb === 'create') return create(name, body!);
    const done = act(verb, name, named ?? '', body as Docker.HostConfig | undefined);
    toy.after(said);
    return done;
  }

  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.statusCode = status;
      response.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(toy.socketPath, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  return toy;
}

/** A piece of a log as Docker marks it: 1 is stdout, 2 is stderr. */
export function marked(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

function inspection(
  name: string,
  { id, config, status, logPath = '', exitCode = 0 }: ToyContainer,
  endedMs: number,
): object {
  const at = (afterMs: number) => new Date(endedMs + afterMs).toISOString();
  const running = status === 'running' || status === 'paused';
  const mounts = (config.HostConfig.Mounts ?? []) as { Source: string; Target: string }[];
  return {
    Id: id,
    Name: `/${name}`,
    Created: '2026-01-01T00:00:00Z',
    LogPath: logPath,
    State: {
      Status: status,
      Running: running,
      Paused: status === 'paused',
      Restarting: false,
      Pid: running ? 4711 : 0,
      StartedAt: at(500),
      FinishedAt: at(0),
      ExitCode: exitCode,
    },
    Image: `sha256:of ${config.Image}`,
    Config: { Image: config.Image, User: config.User ?? '', Cmd: config.Cmd ?? null, Labels: config.Labels ?? {} },
    HostConfig: config.HostConfig,
    Mounts: mounts.map(({ Source, Target }) => ({ Type: 'bind', Source, Destination: Target })),
    RestartCount: 0,
  };
}

function published(config: Created): object[] {
  const bindings = (config.HostConfig.PortBindings ?? {}) as Record<string, { HostIp?: string; HostPort: string }[]>;
  return Object.entries(bindings).flatMap(([port, hosts]) =>
    hosts.map(({ HostIp, HostPort }) => ({
      ...(HostIp && { IP: HostIp }),
      PrivatePort: Number.parseInt(port, 10),
      PublicPort: Number(HostPort),
      Type: 'tcp',
    })),
  );
}

async function json(request: IncomingMessage): Promise<Created> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return { HostConfig: {}, ...(JSON.parse(text) as object) };
}
