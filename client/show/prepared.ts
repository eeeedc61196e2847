// What is going to be done to a pilot, as lines of text.
import type { PreparedDeployment } from '../../plan/machine-api/agents.ts';
import { preparedText } from '../../plan/report/prepared.ts';

export function preparedLines(prepared: PreparedDeployment, run: string): string[] {
  const { heading, commands, check, difference } = preparedText(prepared);
  return [
    `${heading}, in run ${run}`,
    '',
    ...commands.map((command, index) => `  ${index + 1}. ${command}`),
    '',
    `check: ${check}`,
    '',
    ...(difference === '' ? ['Its file stays as it is.'] : difference.trimEnd().split('\n')),
  ];
}
