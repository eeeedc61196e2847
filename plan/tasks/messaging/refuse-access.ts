// What of the cluster's certificates, users and encryption can't be meant: a key without the other that it needs.
import { adopts, type Plan } from '../../schema/plan.ts';
import type { Refuse } from '../../schema/refuse.ts';
import { secretsWanted } from './secured.ts';

export function refuseAccess(plan: Plan, refuse: Refuse): void {
  const { users, account, secretsFile, streams } = plan.messaging;
  const at = (...keys: string[]) => ['messaging', ...keys];
  const wanted = Object.keys(secretsWanted(plan));
  if (wanted.length > 0 && !secretsFile)
    refuse(at('secretsFile'), `a file with ${wanted.join(' and ')}, which the servers include,`);
  if (wanted.length === 0 && secretsFile)
    refuse(at('secretsFile'), 'no file: neither encryption nor basicAuth of a user refers to it,');
  if (!users) {
    if (account) refuse(at('account'), 'no account, or users of it,');
    return;
  }
  const { week, agents } = users;
  const variable = agents.nkey?.seedEnv ?? agents.basicAuth?.passwordEnv;
  if (variable)
    refuse(at('users', 'agents'), `a file in the place of ${variable}: agents have no variables of a worker,`);
  const isSame = (one: unknown, other: unknown) => one !== undefined && one === other;
  if (
    isSame(week.nkey?.publicKey, agents.nkey?.publicKey) ||
    isSame(week.basicAuth?.username, agents.basicAuth?.username)
  )
    refuse(at('users', 'agents'), "another user than the week's, who may do more than agents need,");
  const adopted = streams.find(({ name }) => adopts(plan, name));
  if (adopted && !account)
    refuse(
      at('account'),
      `the account that ${adopted.name}, which is adopted, is in: no other sees it (what was made without users is in one that can have none),`,
    );
}
