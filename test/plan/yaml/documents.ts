// YAML documents as people and their tools write them: comments, anchors, merge keys, any indentation, quotes, brackets, block scalars, CRLF, a BOM.
import fc, { type Arbitrary } from 'fast-check';

/** The lines after "KEY:" of something that stands in a map with this indentation; the first begins behind the colon. */
type Written = (indent: number) => string[];

const plain = [
  'x',
  '15s',
  'a b',
  'http://MainPC:9000/#here',
  'nats://PC2:4223',
  '/metrics',
  '3',
  '0o17',
  '1.50',
  'true',
  'No',
  '2026-11-24',
  'ä ☃',
  '-1',
  'a-b: c'.replace(': ', ':'),
  '"quoted"',
  '"with \\" and # and : "',
  "'single: ''#'''",
  '"\\u0041\\t"',
  '!!str 5',
  '""',
];
const comments = ['# x', '#', '# - job_name: old', '# a: b #', '# ä ☃ ]}"', '#- PC2:8101  '];
const spaces = ['', ' ', '  '];

const comment = fc.constantFrom(...comments);
const trail = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.constantFrom('  ', ' '),
  comment.map((text) => `   ${text}`),
  fc.constant('\t# tab'),
);
const scalar = fc.constantFrom(...plain);

const inLine: Arbitrary<Written> = fc.tuple(scalar, trail).map(([text, end]) => () => [` ${text}${end}`]);
const nothing: Arbitrary<Written> = trail.map((end) => () => [end]);
const saidNothing: Arbitrary<Written> = fc
  .tuple(fc.constantFrom('null', '~'), trail)
  .map(([text, end]) => () => [` ${text}${end}`]);

const overLines: Arbitrary<Written> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.constantFrom('', '"', "'"))
  .map(([deeper, quote]) => (indent) => [
    ` ${quote}one`,
    `${' '.repeat(indent + deeper)}two`,
    '',
    `${' '.repeat(indent + deeper)}three${quote}`,
  ]);

const blockScalar: Arbitrary<Written> = fc
  .tuple(
    fc.constantFrom('|', '>', '|-', '>-', '|+', '| # keep'),
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.constantFrom('keep', '  this', '# no comment', 'a: 1', '- b', ''), { minLength: 1, maxLength: 4 }),
  )
  .map(([head, deeper, lines]) => (indent) => [
    ` ${head}`,
    `${' '.repeat(indent + deeper)}first`,
    ...lines.map((line) => line && `${' '.repeat(indent + deeper)}${line}`),
  ]);

/** "[a, b]", "{a: b}", on one line or on many, with comments. */
function brackets(open: string, close: string, items: Arbitrary<string[]>): Arbitrary<Written> {
  const onOne = fc
    .tuple(items, fc.constantFrom(...spaces), fc.constantFrom('', ','), trail)
    .map(([all, space, last, end]) => () => [
      ` ${open}${space}${all.join(`,${space || ' '}`)}${all.length > 0 ? last : ''}${space}${close}${end}`,
    ]);
  const onMany = fc
    .tuple(items, fc.constantFrom('', ','), comment, fc.boolean())
    .map(([all, last, text, commented]) => (indent: number) => {
      const pad = ' '.repeat(indent + 3);
      const end = (index: number) => (index < all.length - 1 ? ',' : last) + (commented ? ` ${text}` : '');
      return [
        ` ${open}${commented ? ` ${text}` : ''}`,
        ...all.map((item, index) => `${pad}${item}${end(index)}`),
        `${pad}${close}`,
      ];
    });
  return fc.oneof(onOne, onMany);
}

const flowScalar = fc.constantFrom('x', '1', '"a, b"', "'#'", 'a b', 'http://PC2:9100');
const flowList = brackets('[', ']', fc.array(flowScalar, { maxLength: 3 }));

interface Entry {
  key: string;
  value: Written;
}

const keyStyle = fc.constantFrom<(key: string) => string>(
  (key) => `${key}:`,
  (key) => `${key}:`,
  (key) => `${key}:`,
  (key) => `"${key}":`,
  (key) => `'${key}':`,
  (key) => `${key} :`,
);

/** Lines that mean nothing, between two entries. */
const between: Arbitrary<Written> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Written>(() => []) },
  fc.constantFrom<Written>(
    () => [''],
    () => ['   '],
    () => ['', ''],
  ),
  fc
    .tuple(comment, fc.integer({ min: -2, max: 3 }))
    .map(([text, shift]): Written => (indent) => [`${' '.repeat(Math.max(0, indent + shift))}${text}`]),
);

function linesOf(
  entries: { between: Written; style: (key: string) => string; entry: Entry }[],
  indent: number,
): string[] {
  return entries.flatMap(({ between: gap, style, entry: { key, value } }) => {
    const [first = '', ...rest] = value(indent);
    const named = key === '<<' ? '<<:' : style(key);
    return [...gap(indent), `${' '.repeat(indent)}${named}${first}`, ...rest];
  });
}

const styled = (entry: Arbitrary<Entry>) => fc.record({ between, style: keyStyle, entry });
const uniquely = { selector: ({ entry }: { entry: Entry }) => entry.key };

/** A map in block style, of entries with different keys. */
export function block(entry: Arbitrary<Entry>, minLength = 1): Arbitrary<Written> {
  return fc
    .tuple(
      fc.uniqueArray(styled(entry), { ...uniquely, minLength, maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      trail,
    )
    .map(([entries, deeper, end]) => (indent) => [end, ...linesOf(entries, indent + deeper)]);
}

/** A list in block style, its dashes anywhere from the margin of its key on. */
export function list(items: Arbitrary<Written[]>): Arbitrary<Written> {
  return fc
    .tuple(
      items,
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      fc.array(between, { maxLength: 3 }),
      trail,
    )
    .map(([all, deeper, gap, gaps, end]) => (indent) => {
      const dash = indent + deeper;
      return [
        end,
        ...all.flatMap((item, index) => {
          const [first = '', ...rest] = item(dash + 1 + gap);
          return [
            ...(gaps[index]?.(dash) ?? []),
            `${' '.repeat(dash)}-${' '.repeat(gap)}${first.trimStart()}`,
            ...rest,
          ];
        }),
      ];
    });
}

/** A map as an item of a list: its first key stands behind the dash. */
const itemOf = (entry: Arbitrary<Entry>, first: Arbitrary<Entry>): Arbitrary<Written> =>
  fc
    .tuple(styled(first), fc.uniqueArray(styled(entry), { ...uniquely, maxLength: 3 }))
    .map(([head, others]) => (indent) => [
      ...linesOf([{ ...head, between: () => [] }], indent),
      ...linesOf(others, indent),
    ]);

const anything: Arbitrary<Written> = fc.oneof(
  { weight: 4, arbitrary: inLine },
  nothing,
  saidNothing,
  overLines,
  blockScalar,
  flowList,
  brackets('{', '}', fc.uniqueArray(fc.constantFrom('a: x', 'b: "1"', 'c: [1, 2]', "'d': ~"), { maxLength: 3 })),
  list(fc.array(inLine, { minLength: 1, maxLength: 3 })),
);

const named = (keys: string[], value: Arbitrary<Written>): Arbitrary<Entry> =>
  fc.record({ key: fc.constantFrom(...keys), value });
const aliased = (name: string): Arbitrary<Written> => trail.map((end) => () => [` *${name}${end}`]);

const someKeys = ['a', 'TZ', 'interval', 'long key', 'x-y', 'LAST'];
const ofBlock = (name: string, own: string[], anchors: boolean): Arbitrary<Entry> => {
  const known = named(
    own,
    anchors
      ? fc.oneof({ weight: 3, arbitrary: inLine }, nothing, aliased('one'))
      : fc.oneof(inLine, nothing, overLines, blockScalar),
  );
  const others = named(someKeys, anything);
  const merge = named(['<<'], aliased('base'));
  const entry = fc.oneof(
    { weight: 2, arbitrary: known },
    { weight: 2, arbitrary: others },
    ...(anchors ? [merge] : []),
  );
  const flow = brackets(
    '{',
    '}',
    fc.uniqueArray(fc.constantFrom(`${own[0]}: x`, 'TZ: UTC', '"n": 1', 'l: [1, {a: b}]'), { maxLength: 3 }),
  );
  return named([name], fc.oneof({ weight: 4, arbitrary: block(entry) }, flow, nothing, saidNothing));
};

const job = (anchors: boolean): Arbitrary<Written> =>
  itemOf(
    fc.oneof(
      named(['metrics_path', 'honor_labels', 'scheme', 'params'], anything),
      ...(anchors ? [named(['<<'], aliased('base'))] : []),
    ),
    named(
      ['job_name'],
      fc
        .constantFrom('prometheus', '"agents"', "'node'", 'gateway-a')
        .chain((text) => trail.map((end): Written => () => [` ${text}${end}`])),
    ),
  );

const jobs = (anchors: boolean): Arbitrary<Entry> =>
  named(
    ['scrape_configs'],
    fc.oneof(
      {
        weight: 4,
        arbitrary: list(fc.uniqueArray(job(anchors), { selector: (one) => nameOf(one), minLength: 1, maxLength: 3 })),
      },
      brackets(
        '[',
        ']',
        fc.uniqueArray(fc.constantFrom('{job_name: a}', '{"job_name": "b", x: [1]}', '{ job_name: gateway-a }'), {
          maxLength: 3,
        }),
      ),
      nothing,
      saidNothing,
    ),
  );

function nameOf(item: Written): string {
  return /job_name['"]? ?: *['"]?([\w-]+)/.exec(item(0)[0] ?? '')?.[1] ?? '';
}

export interface Spelling {
  bom: boolean;
  eol: '\n' | '\r\n';
  lastEol: boolean;
  head: string[];
  end: string[];
  indent: number;
}

const spelling: Arbitrary<Spelling> = fc.record({
  bom: fc.constantFrom(false, false, false, true),
  eol: fc.constantFrom('\n' as const, '\n' as const, '\r\n' as const),
  lastEol: fc.constantFrom(true, true, false),
  head: fc.constantFrom(
    [],
    [],
    ['---'],
    ['--- # hub'],
    ['# hub', ''],
    ['%YAML 1.2', '---'],
    ['', '  # indented', '---'],
  ),
  end: fc.constantFrom(
    [],
    [],
    [''],
    ['', '  ', ''],
    ['# end'],
    ['...'],
    ['  # indented end', ''],
    ['...', '# after it'],
  ),
  indent: fc.constantFrom(0, 0, 0, 0, 1, 2, 4),
});

function spelt(lines: (indent: number) => string[], { bom, eol, lastEol, head, end, indent }: Spelling): string {
  const text = [...head, ...lines(indent), ...end].join(eol);
  return `${bom ? '\uFEFF' : ''}${text}${lastEol && text ? eol : ''}`;
}

const anchored: Arbitrary<Entry[]> = fc.constant([
  { key: 'x-one', value: () => [' &one http://MainPC:9000'] },
  {
    key: 'x-base',
    value: (indent) => [
      ' &base',
      `${' '.repeat(indent + 2)}OBS_HUB_URL: http://MainPC:9000`,
      `${' '.repeat(indent + 2)}scheme: http`,
    ],
  },
]);

function documentWith(blocks: (anchors: boolean) => Arbitrary<Entry>): Arbitrary<string> {
  return fc.constantFrom(false, false, true).chain((anchors) =>
    fc
      .tuple(
        anchors ? anchored : fc.constant<Entry[]>([]),
        fc.uniqueArray(
          styled(
            fc.oneof(
              { weight: 2, arbitrary: blocks(anchors) },
              named(['agent', 'global', 'text', 'hub_url', 'rule_files'], anything),
            ),
          ),
          { ...uniquely, maxLength: 5 },
        ),
        spelling,
      )
      .map(([first, entries, how]) => {
        const heads = first.map((entry) => ({ between: () => [], style: (key: string) => `${key}:`, entry }));
        return spelt((indent) => linesOf([...heads, ...entries], indent), how);
      }),
  );
}

/** An agent's file: some of the four blocks in it, with some of our keys. */
export const agentFile = documentWith((anchors) =>
  fc.oneof(
    ofBlock('environment', ['OBS_HUB_URL'], anchors),
    ofBlock('nats', ['nats_url', 'health_subject'], anchors),
    ofBlock('hub_endpoints', ['primary', 'fallback'], anchors),
    ofBlock('failover_config', ['max_retries'], anchors),
  ),
);

/** A hub's file. */
export const hubFile = documentWith(jobs);

/** An agent's file without any of the four blocks. */
export const plainFile = documentWith(() => named(['agent', 'hub_url', 'text'], anything));
