// Before the first test: every program that tests run, from packages. Once, because test files run side by side.
import { debianBinary, natsServerBinary } from '../lab/binaries.ts';
import { installMissing, labNeeds } from '../lab/install.ts';
import { timeSkippingServer } from '../lab/test-server.ts';

export default async function install(): Promise<void> {
  await installMissing(
    [
      ...labNeeds,
      { command: 'docker-compose', package: 'docker-compose' },
      { command: 'chromium', package: 'chromium' },
      { command: 'prometheus-alertmanager', package: 'prometheus-alertmanager' },
    ],
    { report: console.log },
  );
  for (const program of ['promtool', 'prometheus', 'prometheus-pushgateway'] as const) await debianBinary(program);
  await natsServerBinary();
  await timeSkippingServer();
}
