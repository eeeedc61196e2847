// A hub for tests on loopback: takes remote writes, can refuse connections, hang, or answer with an error.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';
import { uncompress } from 'snappyjs';

interface Series {
  labels: { name: string; value: string }[];
  samples: { value: number; timestamp: number }[];
}
export interface Received {
  seq: number;
  /** Unix ms, from the sample. */
  timestamp: number;
  receivedAt: number;
  labels: Series['labels'];
}

/** Written from the specification of remote write 1.0, apart from the agent's own. */
const types = protobuf
  .parse(
    `syntax = "proto3"; package prometheus;
  message WriteRequest { repeated TimeSeries timeseries = 1; reserved 2; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }`,
  )
  .root.lookupType('prometheus.WriteRequest');

export interface FakeHub {
  url: string;
  received: Received[];
  /** `answer` is an HTTP status; `hang` reads the request and never answers. */
  mode(mode: 'hang' | number): void;
  /** Closes the port; connections are refused. */
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function startFakeHub(): Promise<FakeHub> {
  const received: Received[] = [];
  let mode: 'hang' | number = 204;
  let server: Server;
  let port = 0;

  async function up(): Promise<void> {
    server = createServer(async (incoming, outgoing) => {
      const body = await buffer(incoming);
      if (mode === 'hang') return;
      if (mode < 300 && incoming.url === '/api/v1/write') received.push(decode(body));
      outgoing.writeHead(mode).end();
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  }
  async function down(): Promise<void> {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
  await up();
  return { url: `http://127.0.0.1:${port}`, received, mode: (next) => (mode = next), up, down };
}

function decode(body: Uint8Array): Received {
  const { timeseries } = types.toObject(types.decode(uncompress(body)), { longs: Number }) as { timeseries: Series[] };
  const series = timeseries.find(({ labels }) =>
    labels.some(({ name, value }) => name === '__name__' && value === 'agent_pushed_sequence'),
  )!;
  return {
    seq: series.samples[0]!.value,
    timestamp: series.samples[0]!.timestamp,
    receivedAt: Date.now(),
    labels: series.labels,
  };
}
