// A stream of the plan, as the server is asked for it.
import type { StreamSpec } from '../../machine-api/nats.ts';
import type { Stream } from './schema.ts';

export function streamSpec(stream: Stream): StreamSpec {
  return {
    name: stream.name,
    subjects: stream.subjects,
    maxAgeMs: stream.maxAge,
    replicas: stream.replicas,
    duplicateWindowMs: stream.duplicateWindow,
    ...(stream.maxBytes !== undefined && { maxBytes: stream.maxBytes }),
  };
}
