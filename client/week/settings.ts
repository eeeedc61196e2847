// Which Temporal a command asks: the settings that all Temporal tools share, from the environment or temporal.toml.
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { hostAndPort } from '../../plan/host-and-port.ts';
import { redact } from '../../plan/secrets/redact.ts';
import { exitCodes, Failure } from '../failure.ts';

const usualPort = 7233;
export const usualAddress = `localhost:${usualPort}`;

export type Settings = ReturnType<typeof loadClientConnectConfig> & {
  address: string;
  /** As the address says it. */
  host: string;
  port: number;
};

/** Throws Failure (usage) when they can't be read. */
export function temporalSettings(): Settings {
  try {
    const settings = loadClientConnectConfig();
    const address = settings.connectionOptions.address ?? usualAddress;
    return { ...settings, address, ...hostAndPort(address, usualPort) };
  } catch (error) {
    throw new Failure(
      `The connection settings for Temporal can't be read: ${redact((error as Error).message)}. Look at TEMPORAL_* in the environment and at temporal.toml.`,
      exitCodes.usage,
    );
  }
}
