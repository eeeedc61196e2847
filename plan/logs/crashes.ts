// What a program prints when it falls: panics, uncaught exceptions and signals, in the words of each language's own runtime. Pure.

const openings = [
  // Python
  /^(?:(?:\+ Exception Group )?Traceback \(most recent call last\)|Fatal Python error: )/,
  // Go
  /^(?:panic: |panic\(|fatal error: |http: panic serving |runtime: (?:out of memory|goroutine stack exceeds)|SIG(?:SEGV|ABRT|BUS|ILL|FPE|QUIT|TRAP): )/,
  /^goroutine \d+ \[/,
  /^(?:\[Recovery\] .{0,40})?panic recovered:/,
  // Rust, Zig
  /^thread (?:'[^']{0,200}'|\d+)(?: \(\d+\))? (?:panicked at|panic: |has overflowed its stack)/,
  /^(?:thread caused non-unwinding panic|thread panicked while |The application panicked|fatal runtime error: |memory allocation of \d+ bytes failed)/,
  // Java, .NET, Node, Dart, browsers
  /^(?:Exception in thread |Unhandled |Uncaught\b|Process terminated\.|Stack overflow\.$|# A fatal error has been detected)/,
  /^(?:Fatal error\. |Terminating due to java\.|Error occurred during initialization of VM|There is insufficient memory for the Java Runtime)/,
  /^(?:\(node:\d+\) )?\[?Unhandled/,
  /^\(Use `node --trace-uncaught /,
  /^<--- Last few GCs --->/,
  // C and C++
  /^(?:terminate called |pure virtual method called|libc\+\+abi: |Segmentation fault|Aborted(?: \(core dumped\))?$|Bus error|Illegal instruction|Floating point exception)/,
  /^(?:\*\*\* (?:[^*]{1,200}detected|SIG[A-Z]{2,6} \(|Check failure stack trace)|double free or corruption|free\(\): |malloc\(\): |munmap_chunk\(\): |==\d+==\s?ERROR: )/,
  /^[^\s:]{1,200}: .{1,300}: Assertion .{1,500} failed\.?$/,
  /\(core dumped\)$/,
  /^\S{1,300}:\d+:\d+: runtime error: /,
  /^\S{1,200}: line \d+: +\d+ (?:Segmentation fault|Aborted|Bus error|Illegal instruction|Floating point exception|Killed)\b/,
  // PHP, Swift, OCaml
  /^(?:PHP )?(?:(?:Catchable |Recoverable )?fatal|Parse) error: /i,
  /^(?:Swift\/\S{1,200}|\S{1,300}\.swift:\d+): Fatal error/,
  // Ruby
  /^\S{1,300}:\d+:in [`'].{0,500}(?:\([A-Z][\w:]{1,100}\)|: unhandled exception)$/,
  /^(?:#<Thread:.{1,300} terminated with exception|rake aborted!|Errno::[A-Z\d]{1,40}: )/,
  // Elixir, Erlang
  /^\*\* \((?:[A-Z][\w.]{0,100}|exit|throw|stop|EXIT[^)]{0,100})\)/,
  /^(?:=(?:CRASH|ERROR|SUPERVISOR) REPORT=|\{?"?Kernel pid terminated|Crash dump is being written to: )/,
  // Lua, Perl, R, Haskell, Clojure
  /^lua[\w.-]{0,20}: \S{1,300}:\d+: /,
  /^(?:Can't |Died\b|Undefined subroutine|Attempt to ).{0,500} at \S{1,300} line \d+\.?$/,
  /^Error in .{1,300}(?: :|: )/,
  /^(?:Execution|Syntax) error \([\w.]{1,100}\) /,
  /^CallStack \(from HasCallStack\)/,
  // What a shell, a loader or an interpreter can't start
  /^\S{1,300}: (?:error while loading shared libraries: |symbol lookup error: |can't open file |No module named )/,
  /^\S{1,300}: (?:line )?\d+: .{1,300}: (?:not found|command not found|No such file or directory|Permission denied)$/,
  /^exec \S{1,300}: /,
  // The kernel's word
  /^(?:(?:Memory cgroup )?[Oo]ut of memory\b|Killed$|BUG: |Oops: |Kernel panic - |(?:[\w./-]{1,60}\[\d+\]: )?segfault at [\da-f]{1,16} ip )/,
];

/** `TypeError: …`, `java.lang.IllegalStateException`, `Error [ERR_CODE]: …` at the front of a line. */
const named =
  /^(?:(?:\[[^\]]{1,60}\]|error:)\s)?(?:[A-Za-z_$][\w$]{0,100}(?:\.|::)){0,12}(?:[A-Z][\w$]{0,100})?(?:Error|Exception|Fault|Throwable|KeyboardInterrupt)(?: \[\w{1,60}\]| \(\w{1,60}\))?(?::(?:\s|$)|$)/;

/** Another one of the same failure follows. */
const chained = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const continued = /^(?:at |Caused by: |Suppressed: |\.\.\. \d+ |goroutine \d+ \[|created by |\[signal |exit status )/;

export const opensCrash = (text: string) => openings.some((opening) => opening.test(text));
export const namesException = (text: string) => named.test(text);
export const isChained = (text: string) => chained.test(text);
export const isContinued = (text: string) => continued.test(text);
