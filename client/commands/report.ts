// hubshift report: every requirement with its record.
import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { reportOf } from '../../plan/report/report.ts';
import { reportHtml } from '../../plan/report/html.ts';
import { reportMarkdown } from '../../plan/report/markdown.ts';
import { withoutSecrets } from '../../plan/report/without-secrets.ts';
import { withClient } from '../week/connect.ts';
import { exitCodes, Failure } from '../failure.ts';
import { writeForOwner } from '../for-owner.ts';
import { wholeState } from '../week/look.ts';
import { loadPlan, planOption, type PlanChoice } from '../plan-file.ts';

interface Options extends PlanChoice {
  json?: boolean;
  format: 'md' | 'html' | 'json';
  output?: string;
}

export function addReport(program: Command): void {
  program
    .command('report')
    .description('the report of the newest run: what was asked, done and found')
    .option('--json', 'the same as --format json; see docs/cli.md')
    .addOption(
      new Option('--format <format>', 'Markdown, a page, or data').choices(['md', 'html', 'json']).default('md'),
    )
    .option('-o, --output <file>', 'write it there, for you alone to read')
    .addOption(planOption())
    .action(async (options: Options) => {
      const { plan } = loadPlan(options);
      const state = await withClient((client) => wholeState(client, plan.name));
      if (!state)
        throw new Failure(
          `No control worker answers, and the run has not ended with a result: the report needs its state. Start one: hubshift worker --control.`,
          exitCodes.unreachable,
        );
      const report = withoutSecrets(reportOf(state, Date.now()));
      const format = options.json ? 'json' : options.format;
      const text =
        format === 'json'
          ? `${JSON.stringify(report, null, 2)}\n`
          : format === 'html'
            ? reportHtml(report)
            : reportMarkdown(report);
      if (!options.output) return void process.stdout.write(text);
      await writeForOwner(options.output, text);
      process.stdout.write(`${resolve(options.output)}\n`);
    });
}
