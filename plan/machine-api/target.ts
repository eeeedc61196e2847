// What a machine asks over HTTP, or by NATS: a URL, and what its server wants to know of who asks.
import { type Access, type Credentials, credentialsOf } from '../schema/access.ts';
import type { NatsCredentials } from '../schema/nats-access.ts';

/** A URL alone, as in plans that secure nothing. Files and variables are those of the machine that asks: no secret travels. */
export type HttpTarget = string | SecuredTarget;

export interface SecuredTarget extends Credentials {
  url: string;
}

/** A NATS server, likewise. */
export type NatsTarget = string | SecuredNats;

export interface SecuredNats extends NatsCredentials {
  url: string;
}

export function targetOf(access: Access, url: string): HttpTarget {
  const credentials = credentialsOf(access);
  return Object.keys(credentials).length === 0 ? url : { url, ...credentials };
}

export function urlOf(target: string | { url: string }): string {
  return typeof target === 'string' ? target : target.url;
}

/** The same server at a path below this one. */
export function below<T extends { url: string }>(target: string | T, path: string): string | T {
  const url = `${urlOf(target).replace(/\/+$/, '')}${path}`;
  return typeof target === 'string' ? url : { ...target, url };
}
