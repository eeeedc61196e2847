// Some hundred turns of us and of others: written-last.integration.test.ts has more.
import { it, vi } from 'vitest';
import { agentsAreGivenBack, hubsAreGivenBack } from './written-last.ts';

vi.mock('../../../activities/programs/programs.ts', () => import('../crash/programs.ts'));
vi.mock('../../../activities/http/probe.ts', () => ({ awaitReady: async (url: string) => ({ url, ok: true }) }));
vi.setConfig({ testTimeout: 60_000 });

it("a hub's file is given back as whoever wrote it last had it", () => hubsAreGivenBack(40));
it("an agent's file is given back as whoever wrote it last had it, and runs", () => agentsAreGivenBack(40));
