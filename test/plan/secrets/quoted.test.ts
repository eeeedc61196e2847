// A check tells what is wrong in a file, and where; the value itself may be a secret.
import { expect, it } from 'vitest';
import { withoutQuoted } from '../../../plan/secrets/quoted.ts';

const kept = (text: string) => expect(withoutQuoted(text)).toBe(text);

it.each([
  [
    'FAILED: parsing YAML file p.yml: line 7: cannot unmarshal !!str `hunter2` into config.BasicAuth',
    'FAILED: parsing YAML file p.yml: line 7: cannot unmarshal !!str … into config.BasicAuth',
  ],
  ['line 3: cannot unmarshal !!str `hun`er2...` into []string', 'line 3: cannot unmarshal !!str … into []string'],
  ['line 3: cannot unmarshal !!int `4711` into bool', 'line 3: cannot unmarshal !!int … into bool'],
  ["yaml: unknown anchor 'hunter2' referenced", 'yaml: unknown anchor … referenced'],
  [
    "hub.port\n  Input should be a valid integer [type=int_parsing, input_value='hunter2, it', input_type=str]",
    'hub.port\n  Input should be a valid integer [type=int_parsing, input_value=…, input_type=str]',
  ],
  [
    "[type=dict_type, input_value={'a': 'hunter2'}, input_type=dict] [type=b, input_value=7, input_type=int]",
    '[type=dict_type, input_value=…, input_type=dict] [type=b, input_value=…, input_type=int]',
  ],
  ['(type=value_error.const; given=hunter2; permitted=(1, 2))', '(type=value_error.const; given=…; permitted=(1, 2))'],
  ["hub.port: 'hunter2' is not of type 'integer'", "hub.port: … is not of type 'integer'"],
  ["invalid literal for int() with base 10: 'hunter2'", 'invalid literal for int() with base 10: …'],
  ["could not convert string to float: 'hunter2'", 'could not convert string to float: …'],
  ['hub.port: invalid type: string "hun\\"ter2", expected u16', 'hub.port: invalid type: string …, expected u16'],
  ['invalid type: integer `4711`, expected a string', 'invalid type: integer …, expected a string'],
  ['mode: unknown variant `hunter2`, expected one of `a`, `b`', 'mode: unknown variant …, expected one of `a`, `b`'],
  ['strconv.ParseInt: parsing "hunter2": invalid syntax', 'strconv.ParseInt: parsing …: invalid syntax'],
  ['strconv.Atoi: parsing "hun\\"ter2": value out of range', 'strconv.Atoi: parsing …: value out of range'],
  ['time: invalid duration "hunter2"', 'time: invalid duration …'],
  ['time: missing unit in duration "4711"', 'time: missing unit in duration …'],
  ['time: unknown unit "hunter" in duration "2hunter"', 'time: unknown unit … in duration …'],
  ['line 4: not a valid duration string: "hunter2"', 'line 4: not a valid duration string: …'],
  ['parse "http://week:hunter2 @hub": net/url: invalid userinfo', 'parse …: net/url: invalid userinfo'],
  ['error parsing regexp: missing closing ): `hunter2(`', 'error parsing regexp: missing closing ): …'],
  ['address hunter2: missing port in address', 'address …: missing port in address'],
  [
    "expected int for dictionary value @ data['port']. Got 'hunter2'",
    "expected int for dictionary value @ data['port']. Got …",
  ],
  [
    "expected str @ data['a']. Got {'b': 'hunter2'}\nexpected x. Got 4711.5",
    "expected str @ data['a']. Got …\nexpected x. Got …",
  ],
  ["expected int @ data['a']. Got 'it\\'s hunter2 and hun...", "expected int @ data['a']. Got …"],
])('%s', (said, told) => expect(withoutQuoted(said)).toBe(told));

it('what is no value stays', () => {
  kept('line 4: cannot unmarshal !!map into string');
  kept('line 2: field pasword not found in type config.plain');
  kept('FAILED: parsing YAML file p.yml: scrape timeout greater than scrape interval for job "edgehub"');
  kept('error parsing "/etc/hub/prometheus.yml": no such file');
  kept('the hub was asked. Got no answer');
  kept("FAILED: two jobs of one name, 'edgehub' and 'edgehub'");
});

it('takes no longer for words that never end', () => {
  const started = performance.now();
  withoutQuoted(
    'cannot unmarshal !!str `'.repeat(20_000) +
      '. Got \'parse "'.repeat(20_000) +
      'input_value='.repeat(20_000) +
      "'".repeat(100_000),
  );
  expect(performance.now() - started).toBeLessThan(2_000);
});
