#!/usr/bin/env node
// The `hubshift` command.
import { run } from './cli.ts';

// A reader that has seen enough (`hubshift report | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
await run(process.argv);
// Its work is done: what it said still goes out, and nobody waits for a connection that was given up.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
