// Which versions the images of the week's services have: asked of the programs, in containers that run once.
import { type Made, isMade } from '../../../plan/schema/plan.ts';
import type { VersionFound } from '../../../plan/tasks/preflight/verdicts/images.ts';
import { oldestOf } from '../../../plan/tasks/services.ts';
import { versionIn } from '../../../plan/tasks/shared/versions.ts';
import { failureType } from '../../machine/failures.ts';
import type { Week } from '../../week.ts';
import type { On } from '../contract.ts';
import { imageOn } from '../shared/asks.ts';

const timeoutMs = 30_000;

export async function versionsOf(week: Week, on: On): Promise<VersionFound[]> {
  const asked = week.plan.services.filter(isMade).flatMap((service) => {
    const oldest = oldestOf(week.plan, service);
    return oldest ? [{ service, oldest }] : [];
  });
  return Promise.all(
    asked.map(async ({ service, oldest }) => {
      const version = await versionOf(week, on, service);
      if (version !== null) week.keep(`version of ${service.name}`, version);
      return { image: service.image, oldest, version };
    }),
  );
}

/** Null where it says none; an image that can't be run so may still run as the plan has it. */
async function versionOf(week: Week, on: On, { machine, image }: Made): Promise<string | null> {
  try {
    const { output } = await on(machine).runOnce({
      image: imageOn(week, machine, image),
      entrypoint: [],
      command: ['--version'],
      binds: [],
      timeoutMs,
    });
    return versionIn(output);
  } catch (error) {
    if (failureType(error) === undefined) throw error;
    return null;
  }
}
