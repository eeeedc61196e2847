// Which Temporal a command asks: the settings that all Temporal tools share, from the environment or temporal.toml.
import type { ConnectionOptions } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { hostAndPort } from '../../plan/host-and-port.ts';
import { redact } from '../../plan/secrets/redact.ts';
import { exitCodes, Failure } from '../failure.ts';

const usualPort = 7233;
export const usualAddress = `localhost:${usualPort}`;

export interface Settings {
  /** Straight there: grpc-js would go through a proxy that the environment has for notices. */
  connectionOptions: ConnectionOptions;
  namespace: string | undefined;
  address: string;
  /** As the address says it. */
  host: string;
  port: number;
}

/** Throws Failure (usage) when they can't be read. */
export function temporalSettings(): Settings {
  try {
    const { connectionOptions: said, namespace } = loadClientConnectConfig();
    const address = said.address ?? usualAddress;
    const connectionOptions = { ...said, channelArgs: { 'grpc.enable_http_proxy': 0 } };
    return { connectionOptions, namespace, address, ...hostAndPort(address, usualPort) };
  } catch (error) {
    throw new Failure(
      `The connection settings for Temporal can't be read: ${redact((error as Error).message)}. Look at TEMPORAL_* in the environment and at temporal.toml.`,
      exitCodes.usage,
    );
  }
}
