// The ack log survives restarts and torn lines; sequence numbers are never used twice.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { firstSeq, openAckLog, type Ack } from '../../../lab/agent/acks.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'acks-'));
  path = join(directory, 'acks.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

function ack(seq: number): Ack {
  return { seq, hub: 'primary', url: 'http://127.0.0.1:1', at: 5 };
}

describe('the ack log', () => {
  it('has a JSON line for each ack and goes on after a restart', () => {
    const first = openAckLog(path);
    first.append(ack(7));
    first.close();
    const second = openAckLog(path);
    expect(second.lastSeq).toBe(7);
    second.append(ack(8));
    second.close();
    expect(
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([ack(7), ack(8)]);
  });

  it('cuts half a line off and keeps the whole ones', () => {
    writeFileSync(path, `${JSON.stringify(ack(7))}\n{"seq":8,"hu`);
    const log = openAckLog(path);
    log.append(ack(9));
    log.close();
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(ack(7))}\n${JSON.stringify(ack(9))}\n`);
  });

  it('refuses a file that is something else and leaves it as it was', () => {
    writeFileSync(path, 'a letter\nto somebody');
    expect(() => openAckLog(path)).toThrow('does not end like an ack log');
    expect(readFileSync(path, 'utf8')).toBe('a letter\nto somebody');
  });
});

describe('the first sequence number', () => {
  it('comes from the clock', () => {
    expect(firstSeq(0, 1_795_461_600_000)).toBe(1_795_461_600_000);
    expect(firstSeq(1_795_461_599_000, 1_795_461_600_000)).toBe(1_795_461_600_000);
  });

  it('goes on well after the last ack when the clock was set back', () => {
    expect(firstSeq(1_795_461_600_000, 1_795_461_500_000)).toBe(1_795_462_600_000);
  });
});
