// Images by name: which of them may be another one tomorrow.
import { expect, it } from 'vitest';
import { imageAdvice } from '../../../plan/schema/images.ts';

it('says nothing of digests, and tells latest from other tags', () => {
  const digest = `prom/prometheus@sha256:${'0'.repeat(64)}`;
  expect(imageAdvice([digest])).toEqual([]);
  expect(imageAdvice(['nats:latest', 'here:5000/nats', 'nats:2.12', digest, 'nats:latest'])).toEqual([
    expect.stringMatching(/^warning: nats:latest, here:5000\/nats: /),
    expect.stringMatching(/^nats:2\.12: /),
  ]);
});
