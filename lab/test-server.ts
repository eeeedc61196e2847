// The time-skipping test server: the SDK's download, else Maven's build of it behind a small script.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { sdkDownload } from './open-network.ts';
import { installMissing } from './install.ts';
import { cacheDirectory } from './state.ts';

const version = '1.32.0';

/**
 * Path of an executable for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`.
 * The first call needs an open network, or Maven and its repository (about 20 s).
 */
export async function timeSkippingServer(): Promise<string> {
  const directory = join(cacheDirectory, `test-server-${version}`);
  if (existsSync(script(directory))) return script(directory);
  const downloaded = await sdkDownload('temporal-test-server');
  if (downloaded) return downloaded;
  await installMissing([{ command: 'mvn', package: 'maven' }], { report: console.log });
  await fetchJars(directory);
  return script(directory);
}

async function fetchJars(directory: string): Promise<void> {
  mkdirSync(cacheDirectory, { recursive: true });
  const work = mkdtempSync(`${directory}.`);
  try {
    writeFileSync(join(work, 'pom.xml'), pom());
    await execa(
      'mvn',
      [
        '--batch-mode',
        '--quiet',
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${join(work, 'jars')}`,
      ],
      { cwd: work, timeout: 5 * 60_000 },
    );
    const lines = [
      '#!/bin/sh',
      '# The time-skipping Temporal test server: test-server.sh PORT',
      `exec java -cp '${join(directory, 'jars')}/*' io.temporal.testserver.TestServer "$@"`,
      '',
    ];
    writeFileSync(script(work), lines.join('\n'));
    chmodSync(script(work), 0o755);
    // Another test may have been faster.
    if (!existsSync(script(directory))) renameSync(work, directory);
  } catch (error) {
    throw new Error(
      `The time-skipping test server ${version} can't be had from Maven: ${(error as Error).message}. It needs Maven with its repository, or an open network for the SDK's download`,
      { cause: error },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function script(directory: string): string {
  return join(directory, 'test-server.sh');
}

function pom(): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hubshift</groupId>
  <artifactId>test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`;
}
