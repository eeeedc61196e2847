// What is looked at before the first change of how targets are asked, and answer.
import type { Credentials } from '../schema/access.ts';
import type { NatsTls, NatsUser } from '../schema/nats-access.ts';

export interface AccessAsk {
  /** Each is read as a request reads it, and tried at each of those who answer before the week. */
  logins: { credentials: Credentials; targets: { url: string; isThere: boolean }[] }[];
  /** Files that a container reads by its user, numeric uid:gid. */
  mounted: { path: string; container: string; user: string }[];
  /** Files that a container which is there before the week is going to read, at their paths in it. */
  seen: { container: string; files: string[] }[];
  /** Files that pilots are going to read which no container has. */
  read?: { program: string; files: string[] }[];
  /** Web configurations, and how the plan asks who answers by them. */
  web: {
    path: string;
    container: string;
    user: string;
    scheme: 'http' | 'https';
    username: string | null;
    /** As what it is asked, which its certificate must have. */
    name: string;
    tlsConfig?: Credentials['tlsConfig'];
  }[];
  /** Of the NATS servers here, and of who connects to one from here. */
  nats?: NatsAsk;
}

export interface NatsAsk {
  /** They must name the server's machine; those of the other servers are what a client that goes over to it may look for. */
  certificates: (NatsTls & { server: string; machine: string; others: string[] })[];
  /** Names of the variables that the servers' file has, each with what its value is. */
  secrets: { path: string; wanted: Record<string, SecretKind> } | null;
  users: (NatsUser & { whose: 'week' | 'agents'; caFile?: string })[];
}

/** A key is any text; what a password is compared with is its bcrypt hash. */
export type SecretKind = 'key' | 'hash';
