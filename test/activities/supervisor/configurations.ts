// Configurations of supervisord, with what the supervisorctl of supervisor 4.2.5 and 4.3.0 takes from each; "refused" where it ends with an error.

export const environment = { HUBSHIFT_TEST: 'secret', HUBSHIFT_PORT: '9002' };

type Taken = { serverurl: string; username?: string; password?: string };

/** HERE is the file's directory, which other.conf and d/more.conf are in, too. */
export const configurations: [what: string, text: string, taken: Taken | 'refused'][] = [
  [
    'as Debian has it',
    '[unix_http_server]\nfile=/run/supervisor.sock ; (the path to the socket file)\n[supervisorctl]\nserverurl=unix:///run/supervisor.sock ; as above\n[include]\nfiles = /nowhere/*.conf\n',
    { serverurl: 'unix:///run/supervisor.sock' },
  ],
  [
    'a # within a password',
    '[supervisorctl]\nusername=ops\npassword=Winter#2026\n',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'Winter#2026' },
  ],
  [
    'a ; within a password',
    '[supervisorctl]\nusername=ops\npassword=a;b',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'a;b' },
  ],
  [
    'comments after a space',
    '[supervisorctl] ; of ours\nusername=ops # they\npassword = x\t;y',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'x' },
  ],
  [
    'a # after a space, but a ; behind it that begins a comment in the same turn',
    '[supervisorctl]\nusername=a#b # x ; y\npassword=# #\u000b;c',
    { serverurl: 'http://localhost:9001', username: 'a#b # x', password: '# #' },
  ],
  [
    'what is a space for Python alone, and what is none',
    '[supervisorctl]\nusername=\u001fops\u0085;c\npassword=\ufeffx\ufeff;c\u001c#d',
    { serverurl: 'http://localhost:9001', username: 'ops', password: '\ufeffx\ufeff;c' },
  ],
  [
    'a separator of lines within one',
    '[supervisorctl]\nusername=ops\npassword=a\u2028b',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'a\u2028b' },
  ],
  [
    'colons',
    '[supervisorctl]\nserverurl: http://127.0.0.1:9002\nusername:ops\npassword : a=b:c\n',
    { serverurl: 'http://127.0.0.1:9002', username: 'ops', password: 'a=b:c' },
  ],
  [
    'quotes, which are part of the value',
    '[supervisorctl]\nusername="ops"\npassword=\'a b\'',
    { serverurl: 'http://localhost:9001', username: '"ops"', password: "'a b'" },
  ],
  [
    'keys in capitals, the last of two, a section in two parts',
    '[supervisorctl]\nUserName=one\nPASSWORD=a\nusername=two\n[other]\npassword=no\n[supervisorctl]\npassword=b',
    { serverurl: 'http://localhost:9001', username: 'two', password: 'b' },
  ],
  ['a section in capitals, which is another one', '[Supervisorctl]\nusername=ops', 'refused'],
  [
    'expansions',
    '[supervisorctl]\nserverurl=unix://%(here)s/50%%.sock\nusername=%(ENV_HUBSHIFT_TEST)s!\npassword=%%(x)s',
    { serverurl: 'unix://HERE/50%.sock', username: 'secret!', password: '%(x)s' },
  ],
  [
    'an expansion in the port',
    '[supervisorctl]\nserverurl=http://127.0.0.1:%(ENV_HUBSHIFT_PORT)s',
    { serverurl: 'http://127.0.0.1:9002' },
  ],
  ['a variable that is not there', '[supervisorctl]\npassword=%(ENV_HUBSHIFT_NOBODY)s', 'refused'],
  ['%(here)s in a password', '[supervisorctl]\npassword=%(here)s', 'refused'],
  ['a single percent sign', '[supervisorctl]\npassword=100%', 'refused'],
  [
    'a percent sign in a comment and in another section',
    '[supervisord]\nx=100%\n[supervisorctl]\nusername=ops ; 5%\n',
    { serverurl: 'http://localhost:9001', username: 'ops' },
  ],
  [
    'values on further lines',
    '[supervisorctl]\nusername=\n  ops\n; a comment\n  more\npassword=a\n\n  b\n',
    { serverurl: 'http://localhost:9001', username: '\nops\nmore', password: 'a\n\nb' },
  ],
  [
    'lines that are indented alike',
    '  [supervisorctl]\n  username=ops\n  password=a\n',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'a' },
  ],
  [
    'a key that goes on with another',
    '[supervisorctl]\nusername=ops\n password=a\n',
    { serverurl: 'http://localhost:9001', username: 'ops\npassword=a' },
  ],
  [
    'ends of line of all kinds, none at the end',
    '[supervisorctl]\r\nusername=ops\rpassword=a',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'a' },
  ],
  [
    'empty values',
    '[supervisorctl]\nusername=\npassword=',
    { serverurl: 'http://localhost:9001', username: '', password: '' },
  ],
  [
    'what [DEFAULT] says',
    '[DEFAULT]\npassword=common\n[supervisorctl]\nusername=ops\n',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'common' },
  ],
  [
    'included files, which only supervisord reads',
    '[supervisorctl]\nserverurl=unix:///run/supervisor.sock\nusername=main\n[include]\nfiles = other.conf d/*.conf\n',
    { serverurl: 'unix:///run/supervisor.sock', username: 'main' },
  ],
  [
    'a path that is not tidy',
    '[supervisorctl]\nserverurl=unix:///run//a/../supervisor.sock/',
    { serverurl: 'unix:///run/supervisor.sock' },
  ],
  [
    'letters beyond ASCII',
    '# für alle\n[supervisorctl]\nusername=ops\npassword=grün',
    { serverurl: 'http://localhost:9001', username: 'ops', password: 'grün' },
  ],
  ['a byte order mark', '\u{feff}[supervisorctl]\nusername=ops', 'refused'],
  ['a line without a value', '[supervisorctl]\nusername=ops\nnodaemon\n', 'refused'],
  ['a value without a key', '[supervisorctl]\n= ops\n', 'refused'],
  ['a line before the first section', 'username=ops\n[supervisorctl]\n', 'refused'],
];
