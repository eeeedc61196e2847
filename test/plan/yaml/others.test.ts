// Files as other people write them: edited with every other byte as it was, or refused with line and reason.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { FileEdit } from '../../../plan/machine-api/files.ts';
import { applyEdit, commentsKept, lostBetween } from '../../../plan/yaml/edit.ts';
import { agentEdit, agentsEdited, agentsRefused, hubEdit, hubsEdited } from './others.ts';

const files: [what: string, text: string, edit: FileEdit][] = [
  ...Object.entries(agentsEdited).map(([what, text]): [string, string, FileEdit] => [what, text, agentEdit]),
  ...Object.entries(hubsEdited).map(([what, text]): [string, string, FileEdit] => [`a hub, ${what}`, text, hubEdit]),
];

/** What is gone of a text: pieces, in order, that the other one does not have. Only values that are replaced may go. */
function gone(before: string, after: string): string[] {
  const lines = after.split('\n');
  let from = 0;
  return before.split('\n').filter((line) => {
    const at = lines.indexOf(line, from);
    if (at < 0) return true;
    from = at + 1;
    return false;
  });
}

const replaced = /OBS_HUB_URL|nats_url|health_subject|max_retries|health_check_interval|^ {4}http|\{|\[\]|~|UTC|9090/;

describe('is edited', () => {
  it.each(files)('%s', (_, text, edit) => {
    const after = applyEdit(text, edit);
    expect(gone(text, after).filter((line) => line !== '' && !replaced.test(line))).toEqual([]);
    expect(commentsKept(text, after)).toBe(true);
    expect(applyEdit(after, edit)).toBe(after);
    if (edit.kind === 'dual-hub') expect(lostBetween(text, after, Object.keys(edit.settings))).toEqual([]);
    const read = (of: string) =>
      parse(of.replace('\uFEFF', ''), { version: '1.1', uniqueKeys: false, logLevel: 'silent' }) as object | null;
    const [was, is] = [read(text), read(after)];
    const ours = edit.kind === 'dual-hub' ? Object.keys(edit.settings) : ['scrape_configs'];
    const others = (of: object | null) => Object.entries(of ?? {}).filter(([key]) => !ours.includes(key));
    expect(others(is)).toEqual(others(was));
    expect(is).toMatchObject(edit.kind === 'dual-hub' ? edit.settings : { scrape_configs: expect.anything() });
  });
});

describe('is refused', () => {
  it.each(agentsRefused)('%s', (_, text, message) => {
    expect(() => applyEdit(text, agentEdit)).toThrow(message);
  });
});

it('a text that older readers take for something else is written in quotes', () => {
  expect(applyEdit('', agentEdit)).toContain('health_subject: "on"');
  expect(applyEdit('nats: {}\n', agentEdit)).toContain('health_subject: "on"');
  expect(applyEdit('', hubEdit)).toContain('job_name: "2026-11-27"');
});
