// What a plan wants of a machine, thing by thing, as plain JSON: for a dry run.
import type { ContainerSpec } from '../machine-api/containers.ts';
import type { HttpTarget, NatsTarget } from '../machine-api/target.ts';

/** Something that the week makes or edits, as plain JSON. `target` is its name or path; `adopt` whether it may be there before, made by others. */
export type Desired = { machine: string; target: string } & (
  | { what: 'ports'; ports: number[]; addresses?: string[]; containers: string[] }
  | { what: 'directory'; owner: string; adopt?: boolean }
  | { what: 'file'; sha256: string }
  | { what: 'container'; image: string; spec: ContainerSpec; adopt?: boolean }
  | { what: 'scrape jobs'; hub: HttpTarget; jobs: string[]; adopt?: string[] }
  | { what: 'stream'; server: NatsTarget; replicas: number; adopt?: boolean }
  | { what: 'agent configuration' }
);
export type DesiredOf<W extends Desired['what']> = Extract<Desired, { what: W }>;
