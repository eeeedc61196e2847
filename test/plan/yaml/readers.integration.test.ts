// The edited files as their readers take them: PyYAML for agents, promtool for hubs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianBinary } from '../../../lab/binaries.ts';
import { applyEdit } from '../../../plan/yaml/edit.ts';
import { agentEdit, agentsEdited, hubEdit, hubsEdited } from './others.ts';

type Settings = Record<string, Record<string, unknown>>;

/** Tags of its own are read with their names; what JSON has no word for as Python writes it. */
const reader = `
import json, sys, yaml
class Loader(yaml.SafeLoader): pass
Loader.add_multi_constructor('!', lambda loader, tag, node: [tag, node.value])
def plain(value):
    if isinstance(value, dict): return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list): return [plain(one) for one in value]
    return value if isinstance(value, (str, int, float, type(None))) else repr(value)
print(json.dumps([plain(yaml.load(text, Loader)) for text in json.load(sys.stdin)]))
`;

function asPyYaml(texts: string[]): (Settings | null)[] {
  return JSON.parse(
    execFileSync('python3', ['-c', reader], { input: JSON.stringify(texts), timeout: 60_000 }).toString(),
  ) as Settings[];
}

function hasPyYaml(): boolean {
  try {
    execFileSync('python3', ['-c', 'import yaml'], { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

describe.runIf(hasPyYaml())('PyYAML', () => {
  it('reads what was meant, and all else as before', () => {
    const texts = Object.values(agentsEdited);
    const [before, after] = [texts, texts.map((text) => applyEdit(text, agentEdit))].map(asPyYaml);
    Object.keys(agentsEdited).forEach((what, index) => {
      const wanted: Settings = { ...before?.[index] };
      for (const [block, values] of Object.entries(agentEdit.settings)) wanted[block] = { ...wanted[block], ...values };
      expect(after?.[index], what).toEqual(wanted);
    });
  });
});

describe('promtool', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'hubs-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(Object.entries(hubsEdited))('takes a file with %s, before and after', async (_, text) => {
    for (const content of [text, applyEdit(text, hubEdit)]) {
      const file = join(directory, 'prometheus.yml');
      writeFileSync(file, content);
      const { all, exitCode } = await execa(await debianBinary('promtool'), ['check', 'config', file], {
        reject: false,
        all: true,
        timeout: 20_000,
      });
      expect(exitCode, all).toBe(0);
    }
  });
});
