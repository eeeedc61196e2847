// Which lines of a log are errors, in the formats that programs really write.
import { describe, expect, it } from 'vitest';
import { errorsIn } from '../../../plan/logs/errors.ts';

/** Those of the packaged plan. */
const patterns = [String.raw`\bERROR\b`, String.raw`\bFATAL\b`, String.raw`\bCRITICAL\b`, 'Traceback', 'Unhandled'];
const count = (text: string, wanted = patterns) => errorsIn(text.split('\n'), wanted).length;

describe('an error', () => {
  it.each([
    // Colours
    '\u001b[31mERROR \u001b[0m hub did not answer',
    '2026-11-20T10:00:00Z \u001b[1;31mERROR\u001b[0m \u001b[2mhub\u001b[0m: did not answer',
    '10:00AM \u001b[31mERR\u001b[0m hub did not answer',
    '#033[31mERROR#033[0m hub did not answer',
    '{"level":"\\u001b[31merror\\u001b[39m","message":"hub did not answer"}',
    // logfmt
    'level=error msg="hub did not answer"',
    'time=2026-11-20T10:00:00Z level=ERROR msg="hub did not answer" hub=primary',
    'ts=2026-11-20T10:00:00Z caller=main.go:12 level="fatal" msg=gone',
    'lvl=eror msg=gone',
    // JSON, by words and numbers
    '{"level":"error","msg":"hub did not answer"}',
    '{ "time": "2026-11-20T10:00:00Z", "severity": "CRITICAL", "message": "gone" }',
    '{"log.level":"error","message":"ECS"}',
    '{"log":{"level":"fatal"},"message":"ECS"}',
    '{"@t":"2026-11-20T10:00:00Z","@l":"Error","@m":"Serilog"}',
    '{"t":{"$date":"2026-11-20T10:00:00Z"},"s":"E","c":"NETWORK","msg":"MongoDB"}',
    '{"level":50,"time":1763632800000,"msg":"pino"}',
    '{"level":60,"name":"app","msg":"bunyan"}',
    '{"level":"50","msg":"pino"}',
    '{"version":"1.1","short_message":"GELF","level":3}',
    '{"message":"Monolog","level":400,"level_name":"ERROR"}',
    '{"message":"logback","level_value":40000}',
    '{"SeverityNumber":17,"Body":"OpenTelemetry"}',
    '{"levelno":40,"message":"python"}',
    '{"record":{"level":{"name":"ERROR","no":40},"message":"loguru"}}',
    '{"MESSAGE":"journald","PRIORITY":"3"}',
    'Nov 20 10:00:00 pc2 agent[12]: {"level":"error","msg":"behind a head"}',
    '{"log":"level=error msg=wrapped\\n","stream":"stderr","time":"2026-11-20T10:00:00Z"}',
    "{'level': 'error', 'msg': 'a map as Python prints it'}",
    // klog, glog
    'E1120 10:00:00.000000       1 reflector.go:1] failed to list',
    'F20261120 10:00:00.000000 1234 main.cc:1] gone',
    // syslog
    '<11>Nov 20 10:00:00 pc2 agent[12]: hub did not answer',
    '<3>agent: hub did not answer',
    '<11>1 2026-11-20T10:00:00.003Z pc2 agent 12 ID47 - hub did not answer',
    '<14>Nov 20 10:00:00 pc2 agent[12]: ERROR hub did not answer',
    'Nov 20 10:00:00 pc2 daemon.err agent[12]: hub did not answer',
    // Words and letters in a head
    '2026-11-20 10:00:00,123 - agent.hub - ERROR - did not answer',
    'ERROR:root:did not answer',
    '[2026-11-20 10:00:00] [error] did not answer',
    '2026/11/20 10:00:00 [error] 12#0: *1 connect() failed',
    '[Fri Nov 20 10:00:00.123456 2026] [core:error] [pid 12] did not answer',
    '2026-11-20 10:00:00.000 UTC [12] FATAL:  the database system is starting up',
    '2026-11-20 10:00:00.123 | ERROR    | agent:send:12 - did not answer',
    '2026-11-20T10:00:00.000Z\terror\tagent/main.go:12\tdid not answer',
    '2026-11-20T10:00:00Z error did not answer',
    '[1] 2026/11/20 10:00:00.000000 [ERR] Error trying to connect',
    '[10:00:00 FTL] did not answer',
    'ERRO[0012] did not answer',
    'fail: Microsoft.Hosting[0]',
    'npm ERR! code ELIFECYCLE',
    'E, [2026-11-20T10:00:00.123456 #12] ERROR -- : did not answer',
    '[E 261120 10:00:00 web:12] did not answer',
    'E/Agent( 12): did not answer',
    '11-20 10:00:00.000   12   34 E Agent: did not answer',
    'Nov 20, 2026 10:00:00 AM com.example.Agent send\nSEVERE: did not answer',
    'agent  | ERROR did not answer',
    '2026-11-20T10:00:00.1Z stderr F ERROR did not answer',
    '   ERROR padded',
    // Panics and uncaught exceptions
    'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: bad',
    "TypeError: Cannot read properties of undefined (reading 'hub')\n    at send (/app/agent.js:3:9)",
    'Error [ERR_UNHANDLED_ERROR]: gone',
    "node:internal/process:1\n\nError: Cannot find module 'hub'",
    '[UnhandledPromiseRejection: This error originated in a promise]',
    'panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/a.go:8',
    'fatal error: all goroutines are asleep - deadlock!',
    "thread 'main' panicked at src/main.rs:10:5:\nindex out of bounds",
    "thread 'tokio-runtime-worker' (1234) panicked at src/hub.rs:1:1:\ngone",
    'Exception in thread "main" java.lang.NullPointerException: hub\n\tat Agent.main(Agent.java:1)',
    'java.lang.OutOfMemoryError: Java heap space',
    'Unhandled exception. System.NullReferenceException: gone\n   at Program.Main()',
    'PHP Fatal error:  Uncaught Exception: gone in /a.php:3',
    "agent.rb:3:in 'send': undefined method 'hub' for nil (NoMethodError)",
    "terminate called after throwing an instance of 'std::runtime_error'\n  what():  gone",
    'Segmentation fault (core dumped)',
    '*** stack smashing detected ***: terminated',
    "agent: main.c:3: main: Assertion `hub' failed.",
    '==12==ERROR: AddressSanitizer: heap-use-after-free',
    '** (RuntimeError) gone',
    "lua: agent.lua:1: attempt to index a nil value (global 'hub')",
    'Fatal error: exception Not_found',
    'Nov 20 10:00:00 pc2 agent[12]: panic: gone',
    '2026-11-20T10:00:00Z Traceback (most recent call last):',
  ])('is seen: %s', (text) => {
    // By what it is: the plan's patterns have no part in it.
    expect(count(text, [])).toBe(1);
  });

  it('is what the plan says', () => {
    expect(count('the CRITICAL one', [String.raw`\bCRITICAL\b`])).toBe(1);
    expect(count('INFO the hub is gone', ['hub is gone'])).toBe(1);
    expect(count('\u001b[32mINFO\u001b[0m \u001b[1mhub\u001b[0m is gone', ['^INFO hub is gone'])).toBe(1);
  });
});

describe('no error', () => {
  it.each([
    'INFO counts DEBUG=0 INFO=12 WARN=1 ERROR=0',
    'INFO Unhandled=0 Handled=15',
    'INFO counts DEBUG: 0 INFO: 12 WARN: 1 ERROR: 0',
    'INFO counts DEBUG 0 INFO 12 WARN 1 ERROR 0',
    'INFO 1 WARN, 0 ERROR',
    '2026-11-20T10:00:00Z counts ERROR=0 FATAL=0',
    '{"level":"info","counts":{"ERROR":0,"FATAL":0},"Unhandled":null}',
    'level=info msg="12 sent" ERROR=0 err=<nil>',
    'level=warn msg="the peer says level=error"',
    'msg="the peer says level=error" level=info',
    '{"level":"info","msg":"the peer says level=error"}',
    '{"level":30,"msg":"pino"}',
    '{"level":40,"msg":"pino warns"}',
    '{"version":"1.1","short_message":"GELF","level":4}',
    '{"levelno":30,"message":"python warns"}',
    '{"SeverityNumber":9,"Body":"OpenTelemetry"}',
    '{"PRIORITY":"6","MESSAGE":"journald"}',
    '{"level":"info","priority":1,"msg":"a task"}',
    'I1120 10:00:00.000000       1 main.go:1] listening',
    'W1120 10:00:00.000000       1 main.go:1] late',
    '<14>Nov 20 10:00:00 pc2 agent[12]: listening',
    // Its daemon gives all that comes on stderr the same severity.
    '<11>Nov 20 10:00:00 pc2 agent[12]: INFO listening',
    '2026-11-20T10:00:00Z INFO no error so far',
    'INFO 0 errors, 0 exceptions in 12 batches',
    'GET /logs?level=error 200',
    '2026-11-20T10:00:00Z WARN hub did not take a batch reason="no answer in 1000 ms"',
    'waiting for the error handler to start',
    'IN PANICKED WORDS',
    'Error: 0',
    'lastError: connection refused, an hour ago',
    'SIGTERM: ending',
    'lua: 3 scripts loaded',
    '',
  ])('is seen in: %s', (text) => {
    expect(count(text)).toBe(0);
  });

  it('is never a counter that counted one', () => {
    expect(count('INFO counts DEBUG=0 INFO=12 WARN=1 ERROR=2')).toBe(1);
    expect(count('2026-11-20T10:00:00.0 ERROR did not answer')).toBe(1);
    expect(count('worker 0 ERROR did not answer')).toBe(1);
    expect(count('ERROR: null')).toBe(1);
  });
});

describe('an error of several lines', () => {
  it.each([
    [
      'a traceback',
      'Traceback (most recent call last):\n  File "a.py", line 1\n    raise ERROR("x")\nValueError: ERROR\nINFO on',
    ],
    [
      'a traceback behind the entry that tells of it',
      'ERROR:root:gone\nTraceback (most recent call last):\n  File "a.py", line 1\nValueError: bad',
    ],
    [
      'exceptions that follow from each other',
      'Traceback (most recent call last):\n  File "a.py", line 1\nKeyError: \'a\'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "a.py", line 2\nValueError: bad',
    ],
    [
      'causes',
      '2026-11-20 10:00:00 ERROR [main] Agent - gone\njava.io.IOException: gone\n\tat Agent.send(Agent.java:1)\nCaused by: java.net.ConnectException: refused\n\t... 3 more\n2026-11-20 10:00:01 INFO [main] Agent - on',
    ],
    [
      'a traceback whose every line has a time',
      '2026-11-20T10:00:00Z Traceback (most recent call last):\n2026-11-20T10:00:00Z   File "a.py", line 1\n2026-11-20T10:00:00Z ValueError: bad',
    ],
  ])('counts once: %s', (_, text) => {
    expect(count(text)).toBe(1);
    expect(count(`${text}\n${text}`)).toBe(2);
  });

  it('ends where another entry begins', () => {
    expect(count('ERROR one\n  detail\nINFO on\nTypeError: two\n    at send (a.js:1:1)\nTypeError: three')).toBe(3);
  });
});

/** Lines on which a careless pattern goes back and forth, of any length. */
const hostile: [what: string, of: (length: number) => string][] = [
  ['a word without an end', (n) => 'a'.repeat(100 * n)],
  ['pairs without a value', (n) => 'a='.repeat(50 * n)],
  ['quotes that do not end', (n) => 'a="b'.repeat(25 * n)],
  ['counters in a row', (n) => 'ERROR: 0 '.repeat(10 * n)],
  ['blanks', (n) => `0${' '.repeat(100 * n)}errors`],
  ['colour codes that are cut off', (n) => '\u001b[31;'.repeat(20 * n)],
  ['titles that do not end', (n) => '\u001b]0;'.repeat(20 * n)],
  ['names and bars', (n) => 'INFO ERROR count | '.repeat(5 * n)],
  ['names in a row, behind INFO', (n) => `INFO ${'ERROR lines '.repeat(8 * n)}`],
  ['brackets', (n) => '[hub '.repeat(20 * n)],
  ['codes of which ESC is gone', (n) => '[31;'.repeat(25 * n)],
  ['quotes of one stroke', (n) => "a='b".repeat(25 * n)],
  ['dots', (n) => 'a.'.repeat(50 * n)],
  ['JSON that is cut off', (n) => `{"a":"${'\\"'.repeat(50 * n)}`],
];

it.each(hostile)('%s is looked at in a time as it is long, and not as its square', { timeout: 60_000 }, (_, of) => {
  const cpuMs = (line: string) => {
    const began = process.cpuUsage();
    count(line);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1_000;
  };
  const least = (length: number) => Math.min(...Array.from({ length: 4 }, () => cpuMs(of(length))));
  const [short, long] = [least(250), least(8 * 250)];
  // Eight times as long: 8 times the time, and 64 times for a square. Less than 1 ms is as good as nothing.
  expect(long).toBeLessThan(24 * Math.max(short, 1));
});
