// Whether this machine has the addresses at which the week publishes.
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Host } from '../context/host.ts';
import { refusal } from '../context/refusal.ts';

/** Throws AddressMissing where Docker could not listen. Tries it as Docker would, at a port of the kernel's choice: a setting may allow more than is there. */
export async function refuseAddresses(host: Host, addresses: string[] = []): Promise<void> {
  for (const address of addresses) {
    const error = await listening(address);
    if (error === null) continue;
    throw refusal(
      'AddressMissing',
      `${host.machine} can't listen at ${address} (${error}), where the plan has it publish what the week makes: give the machine that address, or correct "address" and "listen" in the plan`,
    );
  }
}

/** Null when it can, else the error's code. */
async function listening(address: string): Promise<string | null> {
  const server = createServer();
  try {
    await once(server.listen(0, address), 'listening');
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  } finally {
    server.close();
  }
}
