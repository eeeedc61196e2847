// Logs of programs that write a level in a way of their own: what is seen, and what is none.
import { describe, expect, it } from 'vitest';
import { errorsIn, statedLevel } from '../../../plan/logs/errors.ts';

/** Those of the packaged plan. */
const patterns = [String.raw`\bERROR\b`, String.raw`\bFATAL\b`, String.raw`\bCRITICAL\b`, 'Traceback', 'Unhandled'];
const count = (text: string, wanted: string[]) => errorsIn(text.split('\n'), wanted).length;
const long = 'x'.repeat(100_000);

describe('an error', () => {
  it.each([
    // Behind a name, or beside it
    '2026-11-20T10:00:00.000Z [hub] error: did not answer',
    '[main] error: did not answer',
    '[10:00:00] [Server thread/ERROR]: did not answer',
    '2026-11-20T10:00:00+0000 [hub#critical] did not answer',
    '[0.123s][gc,error] did not answer',
    '2026-11-20 10:00:00 ❌ error: did not answer',
    '[2026-11-20 10:00:00] production.ERROR: did not answer',
    '10:00:00,123 |-ERROR in ch.qos.logback: did not answer',
    // Where a word could be a host
    'Nov 20 10:00:00.000 ERROR hub: did not answer',
    '2026-11-20T10:00:00Z ERROR hub[12]: did not answer',
    'Fri Nov 20 10:00:00 2026 daemon.err hub[12]: did not answer',
    // Padded, quoted, capitalized
    '2026-11-20 10:00:00 [error    ] did not answer  hub=primary',
    "level='error' msg='did not answer'",
    '2026-11-20 10:00:00.1234 Error did not answer',
    '[   12.345678] error: did not answer',
    'severity=3 msg="did not answer"',
    'level=50 msg="did not answer"',
    '{"short_message":"GELF that is cut off","level":3,"host":',
    // Letters
    '2026-11-20T10:00:00Z E! [hub] did not answer',
    '[2026-11-20 10:00:00.000] [E] did not answer',
    // A text that is long, with the level behind it, and cut off
    `msg="${long}" level=error`,
    `{"msg":"${long}","level":"error","stack":"at`,
    // What a terminal shows in the place of what was there before
    '10%\r20%\rerror: did not answer',
    'INFO 10%\rERROR did not answer\r\r',
    '{"log":"10%\\rerror: did not answer\\r\\n","stream":"stderr","time":"2026-11-20T10:00:00Z"}',
    // JSON, however long, with the level behind its text
    `{"msg":"${long}","level":"error"}`,
    `2026-11-20T10:00:00Z {"msg":"${long}","level":50}`,
    JSON.stringify({ log: `{"msg":"${long}","level":"error"}\n`, stream: 'stderr' }),
    '{"timestamp":"2026-11-20","error_severity":"fatal","message":"Postgres"}',
    // Colour codes of which ESC was lost on the way
    '[31mERROR[0m did not answer',
    '2026-11-20T10:00:00Z [1;31merror[0m: did not answer',
    '\ufffd[31mERROR\ufffd[0m did not answer',
    '␛[31mERROR␛[0m did not answer',
    // UTF-16, read byte by byte
    '\ufffd\ufffde\0r\0r\0o\0r\0:\0 \0x\0',
    // What runtimes say when they fall
    'fatal runtime error: stack overflow',
    'memory allocation of 1099511627776 bytes failed',
    'The application panicked (crashed).',
    'Fatal Python error: Segmentation fault',
    'Fatal error. System.AccessViolationException: Attempted to read or write protected memory.',
    'Terminating due to java.lang.OutOfMemoryError: Java heap space',
    'Error occurred during initialization of VM',
    "agent.rb:3:in '<main>': unhandled exception",
    '#<Thread:0x00007f agent.rb:3 run> terminated with exception (report_on_exception is true):',
    'Errno::ECONNREFUSED: Connection refused',
    'run.sh: line 3:    12 Segmentation fault      (core dumped) ./agent',
    '[Recovery] 2026/11/20 - 10:00:00 panic recovered:',
    'Aborted\r',
  ])('is seen: %s', (text) => {
    expect(count(text, [])).toBe(1);
  });
});

describe('no error', () => {
  it.each([
    'INFO ERROR count: 0',
    'INFO ERROR COUNT 0',
    'INFO ERROR rate 0.00%',
    'INFO 0 ERROR lines, 0 FATAL',
    'INFO Unhandled exceptions: 0',
    '{"level":"info","Unhandled exceptions":0}',
    'INFO ERROR: 0 (0.0%)',
    'INFO ERROR: none.',
    'INFO counts: DEBUG=0, ERROR=0.',
    'INFO ERROR=0ms FATAL=N/A',
    'INFO |ERROR|0|',
    '2026-11-20 10:00:00 error count: 0',
    '2026-11-20 10:00:00 error rate 0',
    '2026-11-20 10:00:00 alert rules loaded',
    '2026-11-20 10:00:00 emergency stop released',
    'error-collector  | up',
    'error  | up',
    '[src/error.ts] compiled',
    'INFO rate(errors[5m]) is asked',
    '2026-11-20 10:00:00 tank level=2 l=1',
    'wind s=E',
    `{"msg":"${long} \\"level\\":\\"error\\"","level":"info"}`,
    `msg="${long} level=error" level=info`,
    'INFO 10%\rINFO 20%\r',
  ])('is seen in: %s', (text) => {
    expect(count(text, patterns)).toBe(0);
  });

  it('is never what is like a counter', () => {
    expect(count('ERROR: 0 bytes were read', patterns)).toBe(1);
    expect(count('2026-11-20 10:00:00 error rate 0.2', patterns)).toBe(1);
    expect(count('INFO ERROR count: 10', patterns)).toBe(1);
    expect(count('INFO ERROR=0.5', patterns)).toBe(1);
    expect(count('ERROR worker 0 died', patterns)).toBe(1);
  });
});

it.each([
  ['2026-11-20T10:00:00.000Z [hub] info: working', '2026-11-20T10:00:00.000Z [hub] error: working'],
  ['{"log":"INFO working\\n","stream":"stdout","time":"2026-11-20T10:00:00Z"}', 'ERROR working'],
  ['10%\rINFO working\r', 'ERROR working'],
  ['2026-11-20T10:00:00Z I! [hub] working', '2026-11-20T10:00:00Z E! [hub] working'],
  ['[2026-11-20 10:00:00] local.INFO: working', '[2026-11-20 10:00:00] local.ERROR: working'],
  ['2026-11-20 10:00:00 [info     ] working', '2026-11-20 10:00:00 [error     ] working'],
  ['Nov 20 10:00:00.000 INFO hub: working', 'Nov 20 10:00:00.000 ERROR hub: working'],
])('%s states a level, and an error like it is seen', (line, error) => {
  expect(statedLevel(line)?.raised()).toBe(error);
  expect(count(error, [])).toBe(1);
});
