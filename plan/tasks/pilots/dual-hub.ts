// What an agent's dual-hub settings must be, and which line is at fault: 2D.validator, 2D.validated.
import { z } from 'zod';
import type { AccessBlock, FileEdit } from '../../machine-api/files.ts';
import { lineOf } from '../../yaml/lines.ts';
import { parseMap, settingsIn, UneditableYaml } from '../../yaml/document.ts';
import { foundText } from '../../secrets/found.ts';
import { accessKeys } from './hub-access.ts';
import { natsAccessKeys } from './nats-access.ts';

const seconds = z.number('a number of seconds').positive('a number of seconds above zero');
const count = z.number('a whole number').int('a whole number').min(1, 'a whole number above zero');
const httpUrl = z.url({ protocol: /^https?$/, error: 'a URL such as http://PC2:9100' });
const natsUrl = z.url({ protocol: /^(nats|tls)$/, error: 'a URL such as nats://PC2:4223' });
const subject = z
  .string('a NATS subject')
  .regex(/^[\w-]+(\.[\w-]+)*$/, 'a NATS subject without wildcards, such as observability.health.cluster');

const told = z.string('a text').min(1, 'a text');

/**
 * Other keys are the agent's own, whatever they hold: those of its environment too, of which the plan names ours, and how it probes, of which
 * only a plan that asks for it has a number.
 */
const DualHub = z.looseObject({
  hub_endpoints: z
    .looseObject({ primary: httpUrl, fallback: httpUrl, pushgateway: httpUrl }, { error: block })
    .refine((hubs) => hubs.primary !== hubs.fallback, { path: ['fallback'], error: 'a hub other than the primary' }),
  failover_config: z.looseObject(
    {
      health_check_interval: seconds,
      max_retries: count,
      failover_threshold: count,
      recovery_timeout: seconds,
    },
    { error: block },
  ),
  nats: z.looseObject({ nats_url: natsUrl, health_subject: subject, metrics_subject: subject }, { error: block }),
  environment: z.looseObject({}, { error: block }),
});

const texts = (keys: readonly string[]) =>
  z.looseObject(Object.fromEntries(keys.map((key) => [key, told.optional()])), { error: block });

/** Where the plan tells how others are asked; else a block of that name is the agent's own, whatever it holds. */
const access = { hub_access: texts(accessKeys), nats_access: texts(natsAccessKeys) };

/** Which of these blocks an edit writes. */
export function accessIn(edit: FileEdit | undefined): AccessBlock[] {
  const blocks = Object.keys(access) as AccessBlock[];
  return edit?.kind === 'dual-hub' ? blocks.filter((name) => edit.settings[name] !== undefined) : [];
}

/** The keys of a configuration that the week writes to. */
export const blocks = [...Object.keys(DualHub.shape), ...Object.keys(access)];

interface Fault {
  path: (string | number)[];
  found: string;
  /** False for a setting that is missing: its line is that of its block. */
  stands: boolean;
}

/**
 * Checks the four dual-hub blocks; without the environment where that is told otherwise. The message has a line for each fault: where, which setting, what is wanted and what
 * was found. `line` is that of the first setting at fault that stands in the text, else of the first block that lacks one.
 */
export function validateDualHub(
  text: string,
  written: AccessBlock[] = [],
  hasEnvironment = true,
): { ok: boolean; line?: number; message: string } {
  try {
    const { document, lines } = parseMap(text);
    const input: unknown = settingsIn({ document, lines });
    const wanted = DualHub.extend(Object.fromEntries(written.map((name) => [name, access[name]])));
    const parsed = (hasEnvironment ? wanted : wanted.partial({ environment: true })).safeParse(input);
    if (parsed.success) return { ok: true, message: 'the dual-hub settings are complete and valid' };
    const faults = parsed.error.issues
      .map((issue) => faultOf(issue, input))
      .map((fault) => ({ ...fault, line: lineOf(document, lines, fault.path) }));
    faults.sort((a, b) => a.line - b.line);
    const first = faults.find((fault) => fault.stands) ?? faults[0];
    return {
      ok: false,
      line: first?.line ?? 1,
      message: faults.map(({ line, path, found }) => `line ${line}: ${path.join('.')}: ${found}`).join('\n'),
    };
  } catch (error) {
    if (error instanceof UneditableYaml) return { ok: false, line: error.line, message: error.message };
    throw error;
  }
}

function faultOf(issue: z.core.$ZodIssue, input: unknown): Fault {
  const path = issue.path as (string | number)[];
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<string | number, unknown> | null | undefined)?.[key],
    input,
  );
  return {
    path,
    found: `${issue.message} is wanted; found ${foundText(path, value, 60)}`,
    stands: value !== undefined,
  };
}

function block(issue: { code?: string; input?: unknown }): string | undefined {
  return issue.code === 'invalid_type' ? 'a block of settings' : undefined;
}
