// hubshift report: every requirement with its record, of the newest run or of another, or of two beside each other.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { planId } from '../../plan/names.ts';
import { comparisonMarkdown, comparisonOf } from '../../plan/report/comparison.ts';
import { type Report, reportOf } from '../../plan/report/report.ts';
import { reportHtml } from '../../plan/report/html.ts';
import { reportMarkdown } from '../../plan/report/markdown.ts';
import { withoutSecrets } from '../../plan/report/without-secrets.ts';
import { withClient } from '../week/connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { writeForOwner } from '../for-owner.ts';
import { keptPrepared } from '../week/kept-state.ts';
import { wholeState } from '../week/look.ts';
import { reportsOfRuns } from '../week/run-report.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';

interface Options extends PlanChoice {
  run?: string;
  compare?: string[];
  json?: boolean;
  format: 'md' | 'html' | 'json';
  output?: string;
}

export function addReport(program: Command): void {
  program
    .command('report')
    .description('the report of the newest run, or of another: what was asked, done and found')
    .option('--run <id>', 'of this run, from Temporal or from the files of the control worker')
    .addOption(new Option('--compare <run...>', 'two runs: their KPIs, and the rows that differ').conflicts('run'))
    .option('--json', 'the same as --format json; see docs/cli.md')
    .addOption(
      new Option('--format <format>', 'Markdown, a page, or data').choices(['md', 'html', 'json']).default('md'),
    )
    .option('-o, --output <file>', 'write it there, for you alone to read')
    .addOption(planOption())
    .action(async (options: Options) => {
      const { plan } = loadPlan(options);
      const format = options.json ? 'json' : options.format;
      const text = options.compare
        ? await compared(planId(plan), options.compare, format)
        : inForm(options.run ? (await told(planId(plan), [options.run]))[0]! : await newest(planId(plan)), format);
      if (!options.output) return void process.stdout.write(text);
      await writeForOwner(options.output, text);
      process.stdout.write(`${resolve(options.output)}\n`);
    });
}

async function newest(plan: string): Promise<Report> {
  const state = await withClient((client) => wholeState(client, plan));
  if (!state)
    throw new Failure(
      `No control worker answers, and the run has not ended with a result: the report needs its state. Start one: hubshift worker --control.`,
      exitCodes.unreachable,
    );
  return withoutSecrets(reportOf(state, Date.now(), [], keptPrepared(state.run)));
}

/** What else there is to say of them goes to stderr: the report itself may be data. */
async function told(plan: string, runs: string[]): Promise<Report[]> {
  const found = await reportsOfRuns(plan, runs);
  for (const { report, from, others } of found) {
    if (from) process.stderr.write(`${from}.\n`);
    if (others.length > 0) process.stderr.write(`Reports of other ends of run ${report.run}: ${others.join(', ')}.\n`);
  }
  return found.map(({ report }) => report);
}

async function compared(plan: string, runs: string[], format: Options['format']): Promise<string> {
  if (runs.length !== 2)
    throw new Failure('--compare wants two runs: hubshift report --compare RUN RUN.', exitCodes.usage);
  if (format === 'html')
    throw new Failure('A comparison is Markdown or data: --format md or --format json.', exitCodes.usage);
  const reports = (await told(plan, runs)) as [Report, Report];
  return format === 'json' ? asJson(comparisonOf(reports)) : comparisonMarkdown(reports);
}

function inForm(report: Report, format: Options['format']): string {
  if (format === 'json') return asJson(report);
  return format === 'html' ? reportHtml(report) : reportMarkdown(report);
}

function asJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
