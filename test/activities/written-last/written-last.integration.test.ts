// Thousands of turns of us and of others. Some hundred: written-last.test.ts.
import { it, vi } from 'vitest';
import { agentsAreGivenBack, hubsAreGivenBack } from './written-last.ts';

vi.mock('../../../activities/programs/programs.ts', () => import('../crash/programs.ts'));
vi.mock('../../../activities/http/probe.ts', () => ({ awaitReady: async (url: string) => ({ url, ok: true }) }));
vi.setConfig({ testTimeout: 300_000 });

it("a hub's file is given back as whoever wrote it last had it", () => hubsAreGivenBack(300));
it("an agent's file is given back as whoever wrote it last had it, and runs", () => agentsAreGivenBack(300));
