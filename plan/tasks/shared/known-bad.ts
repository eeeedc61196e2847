// Samples that the verdicts which several tasks share must not pass.
import * as container from './container.ts';
import * as files from './files.ts';
import * as health from './health.ts';
import * as impacts from './impact.ts';
import * as undone from './undone.ts';
import * as watched from './watched.ts';
import type { Impact } from '../../machine-api/measure.ts';
import type { Plan } from '../../schema/plan.ts';
import type { Evaluation } from '../../week/record.ts';
import type { Rejections } from './rejections.ts';
import { dual, entry, noContainer, noDirectory, probe, refused, unfound } from './samples.ts';

/** By the verdict's name. */
export function knownBadShared(plan: Plan): Record<string, Evaluation> {
  return { ...ofContainers(), ...ofFiles(), ...ofOthers(), ...ofImpact(plan), ...ofWindows(plan), ...ofUndos() };
}

function ofContainers(): Rejections<typeof container> {
  return {
    answered: container.answered({ version: '', apiVersion: '' }),
    allAnswered: container.allAnswered([{ version: '', apiVersion: '' }]),
    imagesResolved: container.imagesResolved([{ machine: 'one', image: 'image', is: null }]),
    freeOrOurs: container.freeOrOurs('container', { run: '', adopt: false })({
      holders: [{ port: 1, free: false, process: 'another', pid: 1 }],
      state: noContainer,
    }),
    ownedBy: container.ownedBy([{ path: '/', owner: '1:1' }])([{ ...noDirectory, exists: true, owner: '2:2' }]),
    sameImage: container.sameImage('sha256:1')({ image: 'image', id: 'sha256:2', digest: null, pulled: false }),
    asSpecified: container.asSpecified({
      name: 'container',
      image: 'sha256:1',
      restart: 'always',
      ports: [],
      binds: [],
      command: [],
      extraHosts: {},
      stopGraceMs: 0,
    })({ deployed: { id: '', action: 'created', specDigest: '' }, state: noContainer }),
    runningAndReady: container.runningAndReady({ state: noContainer, ready: probe }),
    reachableFromAll: container.reachableFromAll([{ from: 'one', probe }]),
    configIsValid: container.configIsValid([{ what: 'configuration', exitCode: 1, output: 'no' }]),
  };
}

function ofFiles(): Rejections<typeof files> {
  return {
    written: files.written('file')({ sha256: 'one', onDisk: 'other' }),
  };
}

function ofOthers(): Rejections<typeof health, 'whoIsUnwell' | 'whoIsUp'> {
  return {
    noWorse: health.noWorse([])({ targets: [refused], agents: [{ name: 'agent', ok: true }] }),
    undisturbed: health.undisturbed({
      before: { programs: { agent: 1 }, centralStartedAt: '' },
      after: { programs: { agent: 2 }, centralStartedAt: '' },
    }),
  };
}

function ofImpact({ limits }: Plan): Rejections<typeof impacts> {
  const impact = (times: number): Impact => ({
    at: 0,
    durationMs: 1,
    responseMs: { hub: { samples: 1, failed: 0, p50: 0, p95: limits.hubResponse.limit * times, p99: 0 } },
    containers: { hub: { cpuPercent: 100 * times, memoryBytes: times } },
    programs: { agent: { cpuPercent: 0, memoryBytes: 0 } },
    machine: { cpuPercent: 0, memoryPercent: 0, memoryBytes: 1, cores: 1, receivedBytesPerS: 1, sentBytesPerS: 1 },
  });
  const within = { hubResponseMs: limits.hubResponse.limit, overheadPercent: limits.overheadPercent.limit };
  // Of a week that began under an earlier build nothing is held against batches.
  const { slower }: Partial<typeof limits> = limits;
  const batched = (p95: number, networkPercent: number): Impact => {
    const many = (value: number) => Array.from({ length: 20 }, () => value);
    const batches = { responseMs: { hub: many(p95) }, cpuPercent: many(0), memoryPercent: many(0) };
    return { ...impact(0), batches: { ...batches, networkPercent: many(networkPercent) } };
  };
  return {
    impactWithin: impacts.impactWithin(within)({ before: { one: impact(0) }, after: { one: impact(2) } }),
    ...(slower && {
      'impactWithin.slower': impacts.impactWithin({ ...within, slower: { ...slower, byMs: slower.by } }, ['response'])({
        before: { one: batched(1, 0) },
        after: { one: batched(3 + slower.by, 0) },
      }),
      'impactWithin.network': impacts.impactWithin({ ...within, slower: { ...slower, byMs: slower.by } }, ['network'])({
        before: { one: batched(1, 0) },
        after: { one: batched(1, within.overheadPercent + 1) },
      }),
    }),
  };
}

function ofWindows({ watch }: Plan): Rejections<typeof watched> {
  const down = (failed: number, longestDown: number): Evaluation =>
    watched.heldUp(
      1,
      watch,
    )({
      creditMs: 1,
      longestGapMs: 0,
      restarts: 0,
      targets: { hub: { up: failed, down: failed, longestDown } },
      restarted: [],
    });
  return {
    heldUp: down(watch.tolerate + 1, watch.tolerate + 1),
    // Only what fails in a row is bounded in a week that began under an earlier build.
    ...(watch.failedAtMost !== undefined && { 'heldUp.often': down(watch.tolerate + 1, 1) }),
  };
}

function ofUndos(): Rejections<typeof undone> {
  return {
    containersGone: undone.containersGone([])([
      { name: 'container', machine: 'one', is: { ...noContainer, exists: true } },
    ]),
    directoriesGone: undone.directoriesGone([entry('directory.remove', '/')])([
      { ...noDirectory, exists: true, machine: 'one' },
    ]),
    filesAreBack: undone.filesAreBack([])([{ machine: 'one', path: '/', original: 'one', now: 'other' }]),
    centralOnly: undone.centralOnly('central')([{ agent: 'agent', active: unfound, hubs: dual.hubs }]),
    postsToPeers: undone.postsToPeers(1)([{ agent: 'agent', peer: 'peer', seen: 0 }]),
  };
}
