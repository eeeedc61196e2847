// The time-skipping test server: the SDK's download, else Maven's build of it behind a small script.
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { sdkDownload } from './open-network.ts';
import { installMissing } from './install.ts';
import { cacheDirectory } from './state.ts';

const version = '1.32.0';
/** A server lives for one file of tests: the optimizing compiler would cost it more than it gives, and so would threads that collect. */
const javaFlags = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto';

/**
 * Path of an executable for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } })`.
 * The first call needs an open network, or Maven and its repository (about 20 s).
 */
export async function timeSkippingServer(): Promise<string> {
  const directory = join(cacheDirectory, `test-server-${version}`);
  if (!existsSync(directory)) {
    const downloaded = await sdkDownload('temporal-test-server');
    if (downloaded) return downloaded;
    await installMissing([{ command: 'mvn', package: 'maven' }], { report: console.log });
    await fetchJars(directory);
  }
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
    // Another test may have been faster.
    if (!existsSync(directory)) renameSync(work, directory);
  } catch (error) {
    throw new Error(
      `The time-skipping test server ${version} can't be had from Maven: ${(error as Error).message}. It needs Maven with its repository, or an open network for the SDK's download`,
      { cause: error },
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Path of the script that starts it; written anew when a build wants another one than lies there. */
function script(directory: string): string {
  const path = join(directory, 'test-server.sh');
  const text = [
    '#!/bin/sh',
    '# The time-skipping Temporal test server: test-server.sh PORT',
    `exec java ${javaFlags} -cp '${join(directory, 'jars')}/*' io.temporal.testserver.TestServer "$@"`,
    '',
  ].join('\n');
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    const fresh = `${path}.${randomUUID()}`;
    writeFileSync(fresh, text, { mode: 0o755 });
    renameSync(fresh, path);
  }
  return path;
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
