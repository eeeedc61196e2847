// What a plan wants of a machine, thing by thing, as plain JSON: for a dry run.
import type { ContainerSpec } from '../machine-api/containers.ts';

/** Something that the week makes or edits, as plain JSON. `target` is its name or path. */
export type Desired = { machine: string; target: string } & (
  | { what: 'ports'; ports: number[]; containers: string[] }
  | { what: 'directory'; owner: string }
  | { what: 'file'; sha256: string }
  | { what: 'container'; image: string; spec: ContainerSpec }
  | { what: 'scrape jobs'; hub: string; jobs: string[] }
  | { what: 'stream'; server: string; replicas: number }
  | { what: 'agent configuration' }
);
export type DesiredOf<W extends Desired['what']> = Extract<Desired, { what: W }>;
