// Gets batches to a hub, in order: the active one first, the other one at once if it fails, later if both do.
import type { Ack } from './acks.ts';
import { targets, type Role } from './failover.ts';
import type { Hubs } from './hubs.ts';
import type { Log } from './log.ts';
import { createOutbox } from './outbox.ts';
import { encodeBatch, remoteWriteHeaders, remoteWritePath, type Sample } from './remote-write.ts';
import { request, succeeded } from './request.ts';

interface Batch {
  seq: number;
  body: Uint8Array<ArrayBuffer>;
}

export interface DeliveryCounts {
  /** Batches made since the start; each is acknowledged, buffered or dropped, or on its way. */
  sent: number;
  acknowledged: number;
  buffered: number;
  dropped: number;
  /** Sequence numbers; null before the first. */
  lastSent: number | null;
  lastAcknowledged: number | null;
}

export interface Delivery {
  /** Takes the samples as one batch with the next sequence number and starts to deliver; does not wait. */
  push(samplesOf: (seq: number) => Sample[]): void;
  /** Resolves when nothing is being delivered at the moment. */
  idle(): Promise<void>;
  counts(): DeliveryCounts;
  /** False when the last attempt reached no hub. */
  delivering(): boolean;
}

/** `onAck` is called for each acknowledgement before the next batch goes out. `bufferLimit` is a number of batches. */
export function createDelivery(options: {
  hubs: Hubs;
  firstSeq: number;
  batchTimeoutMs: number;
  bufferLimit: number;
  onAck: (ack: Ack) => void;
  log: Log;
}): Delivery {
  const { hubs, batchTimeoutMs, onAck, log } = options;
  const outbox = createOutbox<Batch>(options.bufferLimit);
  const counts = {
    sent: 0,
    acknowledged: 0,
    dropped: 0,
    lastSent: null as number | null,
    lastAcknowledged: null as number | null,
  };
  const failing = new Set<Role>();
  let nextSeq = options.firstSeq;
  let lastTimestampMs = 0;
  let delivering = true;
  let round: Promise<void> | null = null;

  function push(samplesOf: (seq: number) => Sample[]): void {
    const seq = nextSeq++;
    lastTimestampMs = Math.max(Date.now(), lastTimestampMs + 1);
    counts.sent += 1;
    counts.lastSent = seq;
    drop(outbox.add({ seq, body: encodeBatch(samplesOf(seq), lastTimestampMs) }));
    round ??= deliverAll().finally(() => (round = null));
  }

  /** Empties the outbox, or stops at the first batch that no hub takes. A hub that failed once is not tried again in this round. */
  async function deliverAll(): Promise<void> {
    const failed = new Set<Role>();
    for (let batch = outbox.take(); batch; batch = outbox.take()) {
      const outcome = await deliver(batch, failed);
      if (outcome === 'refused') drop(batch);
      if (outcome !== 'unreachable') continue;
      if (delivering) log.warn('no hub takes batches; buffering', { seq: batch.seq });
      delivering = false;
      drop(outbox.putBack(batch));
      return;
    }
    if (!delivering) log.info('batches are delivered again', { lastAcknowledged: counts.lastAcknowledged });
    delivering = true;
  }

  async function deliver(batch: Batch, failed: Set<Role>): Promise<'acknowledged' | 'refused' | 'unreachable'> {
    let refusal = '';
    for (const { role, trial } of targets(hubs.state(), Date.now())) {
      if (failed.has(role)) continue;
      const url = hubs.urlOf(role);
      const answer = await request(
        `${url}${remoteWritePath}`,
        batchTimeoutMs,
        { method: 'POST', headers: remoteWriteHeaders, body: batch.body },
        hubs.accessOf(role),
      );
      const at = Date.now();
      const ok = succeeded(answer);
      if (ok) acknowledge({ seq: batch.seq, hub: role, url, at });
      hubs.dispatch({ type: 'batch', role, ok, trial, at });
      note(role, ok, batch.seq, answer.reason);
      if (ok) return 'acknowledged';
      if (answer.status === 400) refusal = answer.reason;
      else failed.add(role);
    }
    if (!refusal) return 'unreachable';
    log.error('a hub refuses a batch for good and no other takes it', { seq: batch.seq, reason: refusal });
    return 'refused';
  }

  function acknowledge(ack: Ack): void {
    counts.acknowledged += 1;
    counts.lastAcknowledged = ack.seq;
    try {
      onAck(ack);
    } catch (error) {
      log.error('the ack log can not be written', { seq: ack.seq, error: (error as Error).message });
    }
  }

  /** One line when a hub starts to fail and one when it takes batches again, not one a batch. */
  function note(role: Role, ok: boolean, seq: number, reason: string): void {
    if (ok === !failing.has(role)) return;
    if (ok) failing.delete(role);
    else failing.add(role);
    if (ok) log.info('hub takes batches again', { hub: role, seq });
    else log.warn('hub did not take a batch', { hub: role, url: hubs.urlOf(role), seq, reason });
  }

  function drop(batch: Batch | undefined): void {
    if (!batch) return;
    counts.dropped += 1;
    log.warn('batch dropped', { seq: batch.seq, dropped: counts.dropped });
  }

  return {
    push,
    idle: async () => {
      await round;
    },
    counts: () => {
      const { sent, acknowledged, dropped, lastSent, lastAcknowledged } = counts;
      return { sent, acknowledged, buffered: outbox.size(), dropped, lastSent, lastAcknowledged };
    },
    delivering: () => delivering,
  };
}
