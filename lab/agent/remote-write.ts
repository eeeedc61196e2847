// Prometheus remote write 1.0: a batch of samples as protobuf, compressed with snappy.
import protobuf from 'protobufjs';
import { compress } from 'snappyjs';

export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const schema = protobuf.parse(`
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
`).root;
const writeRequest = schema.lookupType('WriteRequest');

export const remoteWritePath = '/api/v1/write';
export const remoteWriteHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
  'user-agent': 'reference-agent',
};

/** The body of one write request: every sample at the same time (unix ms). */
export function encodeBatch(samples: Sample[], timestampMs: number): Uint8Array<ArrayBuffer> {
  const timeseries = samples.map(({ name, labels, value }) => ({
    labels: sortedLabels({ ...labels, __name__: name }),
    samples: [{ value, timestamp: timestampMs }],
  }));
  return new Uint8Array(compress(writeRequest.encode({ timeseries }).finish()));
}

/** Receivers want the labels of a series in the order of their names. */
function sortedLabels(labels: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(labels)
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
