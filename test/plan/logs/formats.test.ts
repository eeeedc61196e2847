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
    // In the journal's JSON, whatever its daemon thinks of all that comes on stderr; colours come as bytes
    '{"PRIORITY":"6","SYSLOG_IDENTIFIER":"hub","MESSAGE":"2026-11-20 10:00:00 ERROR did not answer"}',
    '{"PRIORITY":"6","MESSAGE":"panic: runtime error: index out of range"}',
    '{"PRIORITY":"3","MESSAGE":"did not answer"}',
    `{"PRIORITY":"6","MESSAGE":${JSON.stringify([...Buffer.from('\u001b[31mERROR\u001b[0m did not answer')])}}`,
    // Where the machine speaks another language
    '2026-11-20 10:00:00.000 CET [12] FEHLER:  doppelter Schlüsselwert',
    'Nov. 20, 2026 10:00:00 AM com.example.Agent send\nSCHWERWIEGEND: hub antwortet nicht',
    // Zones by their place, and what Go has before the date
    '[20-Nov-2026 10:00:00 Europe/Berlin] PHP Fatal error:  Uncaught Error: gone',
    'hub: 2026/11/20 10:00:00 panic: gone',
    '[hub] 2026/11/20 10:00:00 error: did not answer',
    // Of GLib, Zig and signale
    '(hub:12): Gtk-CRITICAL **: 10:00:00.123: did not answer',
    'error(hub): did not answer',
    '[hub] [10:00:00] › ✖  error     did not answer',
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
    'throw "gone"\n^\ngone\n(Use `node --trace-uncaught ...` to show where the exception was thrown)',
    '*** SIGSEGV (@0x0) received by PID 12 (TID 0x7f) from PID 0; stack trace: ***',
    'hub.c:3:5: runtime error: signed integer overflow',
    'hub/main.swift:3: Fatal error: Unexpectedly found nil',
    '=SUPERVISOR REPORT==== 20-Nov-2026::10:00:00.123456 ===',
    'Kernel pid terminated (application_controller) ({application_start_failure,hub})',
    'Error in f(): gone',
    'Execution error (ArithmeticException) at user/eval1 (REPL:1).',
    '/hub: error while loading shared libraries: libx.so.1: cannot open shared object file: No such file or directory',
    '/run.sh: line 3: /hub: No such file or directory',
    "python3: can't open file '/hub.py': [Errno 2] No such file or directory",
    '[  123.456789] hub[12]: segfault at 0 ip 0000000 sp 0000 error 4 in libc.so.6',
    '[  123.456789] BUG: kernel NULL pointer dereference, address: 0000000000000000',
    // Of several lines, one error each
    '2026-11-20T10:00:00.000Z\terror\thub/push.go:42\tpush failed\t{"hub": "primary"}\nmain.push\n\t/src/hub/push.go:42',
    '2026-11-20 10:00:00.123 ERROR 12 --- [   hub-1] o.s.s.TaskUtils    : gone\njava.io.IOException: x\n\tat a.B.c(B.java:1)\nCaused by: java.net.ConnectException: x\n\t... 3 more',
    'Error: push failed\n\nCaused by:\n    0: connection refused\n    1: os error 111',
    'crit: Hub.Push[0]\n      Unable to start.\n      System.IO.IOException: gone',
    '2026-11-20 10:00:00.123 +01:00 [ERR] gone\nSystem.IO.IOException: gone\n   at Hub.Push() in /src/Hub.cs:line 12',
    '[10:00:00.123] ERROR (1): gone\n    err: {\n      "type": "Error",',
    '10:00:00.123 [error] GenServer #PID<0.1.0> terminating\n** (RuntimeError) gone\n    (hub 0.1.0) lib/hub.ex:1',
    '[Fri Nov 20 10:00:00.123456 2026] [proxy:error] [pid 12:tid 34] (111)Connection refused: AH00957: HTTP',
    '[1120/100000.123456:ERROR:hub.cc(12)] gone',
    '2026.11.20 10:00:00.123456 [ 12 ] {} <Error> Application: DB::Exception: gone',
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
    '{"PRIORITY":"6","MESSAGE":"2026-11-20 10:00:00 WARN late"}',
    '{"PRIORITY":"4","MESSAGE":"late"}',
    'Nov. 20, 2026 10:00:00 AM com.example.Agent send\nWARNUNG: hub antwortet spät',
    '[20-Nov-2026 10:00:00 Europe/Berlin] PHP Warning:  Undefined variable',
    'info(hub): ready',
    '=PROGRESS REPORT==== 20-Nov-2026::10:00:00.123456 ===',
    'level: line 3: nothing was found',
    'progress: 10 ok, 0 failed, 0 ERROR',
    'done (0 FATAL, 0 ERROR)',
    '2026-11-20T10:00:00.123456Z  WARN hub::push: retrying error=connection refused',
    'warn: Hub.Push[0]\n      Error 503 is retried',
    '10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET /error HTTP/1.1" 200 12 "-" "curl/8"',
    '2026-11-20 10:00:00.123  INFO 12 --- [main] o.s.b.error.ErrorMvcAutoConfiguration : mapped',
  ])('is seen in: %s', (text) => {
    expect(count(text, patterns)).toBe(0);
  });

  it('is never what is like a counter', () => {
    expect(count('ERROR: 0 bytes were read', patterns)).toBe(1);
    expect(count('2026-11-20 10:00:00 error rate 0.2', patterns)).toBe(1);
    expect(count('INFO ERROR count: 10', patterns)).toBe(1);
    expect(count('INFO ERROR=0.5', patterns)).toBe(1);
    expect(count('ERROR worker 0 died', patterns)).toBe(1);
    expect(count('10 ok, 10 ERROR', patterns)).toBe(1);
    expect(count('worker 0 ERROR did not answer', patterns)).toBe(1);
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
