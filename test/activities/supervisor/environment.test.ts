// A variable in a program's environment, set in the text of its section and taken out again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variableIn, withVariable, written } from '../../../activities/supervisor/environment.ts';
import { sectionsOf } from '../../../activities/supervisor/sections.ts';
import { holds } from '../../property.ts';

const section = 'program:hub';
const value = '"http://PC2:9100"';
const set = (text: string) => withVariable(text, section, 'OBS_HUB_URL', value);

const before = '; ours\n[program:other]\ncommand=/bin/other\nenvironment=OBS_HUB_URL="no"\n\n';
const behind = '\n[program:last]\ncommand=/bin/last ; the last';

const cases: [what: string, its: string, after: string][] = [
  [
    'no environment',
    '[program:hub]\ncommand=/bin/hub\n',
    '[program:hub]\nenvironment=OBS_HUB_URL="http://PC2:9100"\ncommand=/bin/hub\n',
  ],
  [
    'keys that are indented, behind a comment',
    '[program:hub]\n; its keys\n   command=/bin/hub\n   startsecs=1\n',
    '[program:hub]\n; its keys\n   environment=OBS_HUB_URL="http://PC2:9100"\n   command=/bin/hub\n   startsecs=1\n',
  ],
  [
    'an empty environment',
    '[program:hub]\nenvironment=\ncommand=a\n',
    '[program:hub]\nenvironment=OBS_HUB_URL="http://PC2:9100"\ncommand=a\n',
  ],
  [
    'others, with a comment behind them',
    '[program:hub]\nEnvironment : A="1,2",B=%(ENV_B)s ; both\ncommand=a\n',
    '[program:hub]\nEnvironment : A="1,2",B=%(ENV_B)s,OBS_HUB_URL="http://PC2:9100" ; both\ncommand=a\n',
  ],
  [
    'others on several lines, with a comma behind the last',
    '[program:hub]\nenvironment=\n  A=\'x\', ; one\n  B="%%",\ncommand=a\n',
    '[program:hub]\nenvironment=\n  A=\'x\', ; one\n  B="%%",OBS_HUB_URL="http://PC2:9100",\ncommand=a\n',
  ],
  [
    'another value, between others',
    '[program:hub]\nenvironment=A=1,OBS_HUB_URL=http://MainPC:9000,B=2\n',
    '[program:hub]\nenvironment=A=1,OBS_HUB_URL="http://PC2:9100",B=2\n',
  ],
];

describe.each([
  ['\n', '\n'],
  ['\r\n', '\r\n'],
])('with lines that end as %j', (_, end) => {
  const ending = (text: string) => text.replaceAll('\n', end);

  it.each(cases)('of %s', (_what, its, after) => {
    const text = ending(`${before}${its}${behind}`);
    const edited = set(text);
    expect(edited).toBe(ending(`${before}${after}${behind}`));
    expect(variableIn(edited, section, 'OBS_HUB_URL')).toBe(value);
    expect(set(edited)).toBe(edited);
    const was = variableIn(text, section, 'OBS_HUB_URL');
    expect(withVariable(edited, section, 'OBS_HUB_URL', was, its.toLowerCase().includes('environment'))).toBe(text);
  });
});

it('has its percent signs as supervisord expands them, and no value that it would take apart', () => {
  expect(written('http://PC2:9100/%20')).toBe('"http://PC2:9100/%%20"');
  expect(() => written('a"b')).toThrow('quotes');
});

it.each([
  ['there is none of the name', '[program:other]\ncommand=a\n', /no \[program:hub\]/],
  [
    'it is not written as pairs',
    '[program:hub]\ncommand=a\nenvironment=A="geheim,B=2\n',
    /^line 3: .*not written as NAME="value"/,
  ],
  ['a value has a sign that ends it', '[program:hub]\ncommand=a\nenvironment=A=geheim@b\n', /^line 3: /],
  ['the variable is there twice', '[program:hub]\nenvironment=OBS_HUB_URL=1,OBS_HUB_URL=2\n', /twice/],
  ['there are two environments', '[program:hub]\nenvironment=A=1\nenvironment=B=2\n', /^line 3: .*twice/],
])('is refused, without what stands there, where %s', (_, text, why) => {
  expect(() => set(text)).toThrow(why);
  expect(() => set(text)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('geheim') }));
});

it('changes nothing else, whatever others have written, and comes out as it went in', () => {
  const name = fc.stringMatching(/^[A-Z][A-Z_]{0,5}$/).filter((one) => one !== 'OBS_HUB_URL');
  const token = fc.oneof(
    fc.stringMatching(/^[a-z0-9/.:+-]{1,8}$/),
    fc.stringMatching(/^[a-z ,=%]{0,8}$/).map((text) => `"${text.replaceAll('%', '%%')}"`),
    fc.constant('%(ENV_HOME)s'),
  );
  const pairs = fc.uniqueArray(fc.tuple(name, token), { selector: ([one]) => one, maxLength: 4 });
  const between = fc.constantFrom(',', ', ', ',\n    ', ' ,\n\t');
  holds(
    fc.property(pairs, between, fc.constantFrom('', ',', ' ; a comment'), fc.boolean(), (all, comma, tail, has) => {
      const line = has
        ? `environment=${all.map((one) => one.join('=')).join(comma)}${all.length > 0 ? tail : ''}\n`
        : '';
      const text = `[program:hub]\ncommand=/bin/hub\n${line}startsecs=2\n[group:a]\nprograms=hub\n`;
      const edited = set(text);
      const keys = (of: string) => sectionsOf(Buffer.from(of)).get(section)!;
      expect(keys(edited).get('startsecs')).toBe('2');
      for (const [one, as] of all) if (has) expect(variableIn(edited, section, one)).toBe(as);
      expect(variableIn(edited, section, 'OBS_HUB_URL')).toBe(value);
      expect(withVariable(edited, section, 'OBS_HUB_URL', null, has)).toBe(text);
    }),
    300,
  );
});
