// The file in which a section of supervisord's configuration stands: the one that the plan names, or one that its [include] names.
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Host } from '../context/host.ts';
import { readIfThere } from '../files/disk.ts';
import { nullIfMissing } from '../files/errors.ts';
import { resolvePath } from '../files/paths.ts';
import { textOf } from '../files/text.ts';
import { expanded } from './client-options.ts';
import { UneditableEnvironment } from './environment.ts';
import { sectionsOf, type Sections } from './sections.ts';

export interface SectionFile {
  /** Where it leads to, links resolved. */
  path: string;
  bytes: Buffer;
  text: string;
}

/** Throws UneditableEnvironment where there is none, or several have it. */
export async function fileWith(host: Host, section: string): Promise<SectionFile> {
  const found = await fileIfAny(host, section);
  if (found) return found;
  throw new UneditableEnvironment(`neither ${host.supervisorConfig} nor what its [include] names has a [${section}]`);
}

/** Throws where several have it: supervisord then takes some of each. */
export async function fileIfAny(host: Host, section: string): Promise<SectionFile | null> {
  const main = await read(host, host.supervisorConfig);
  const paths = await includedBy(host.supervisorConfig, main.sections);
  const included = await Promise.all(paths.map((path) => read(host, path)));
  const having = [main, ...included].filter(({ sections }) => sections.has(section));
  const [found = null, other] = having;
  if (found && other) throw new UneditableEnvironment(`${found.path} and ${other.path} both have a [${section}]`);
  return found;
}

/** Throws UneditableEnvironment, with the file and the line. */
async function read(host: Host, path: string): Promise<SectionFile & { sections: Sections }> {
  const real = await resolvePath(path, host.files);
  const bytes = await readIfThere(real, host.files);
  if (!bytes) throw new UneditableEnvironment(`${path} is not there`);
  const text = textOf(bytes, path);
  try {
    return { path: real, bytes, text, sections: sectionsOf(bytes) };
  } catch (error) {
    throw new UneditableEnvironment(`${path}: ${(error as Error).message}`);
  }
}

/** Relative to the file as it is named: links on the way to it are none of supervisord's business. */
async function includedBy(path: string, sections: Sections): Promise<string[]> {
  const files = sections.get('include')?.get('files');
  if (files === undefined) return [];
  const names = { here: dirname(resolve(path)), host_node_name: hostname() };
  const patterns = expanded(files, `files in [include] of ${path}`, names).split(/\s+/).filter(Boolean);
  const found = await Promise.all(patterns.map((pattern) => matching(resolve(dirname(path), pattern))));
  return [...new Set(found.flat())].filter((one) => one !== path);
}

const wild = /[*?[]/;

/** As Python's glob has it, of names in one directory. */
async function matching(pattern: string): Promise<string[]> {
  const [directory, name] = [dirname(pattern), basename(pattern)];
  if (wild.test(directory))
    throw new UneditableEnvironment(`[include] names directories by a pattern, ${directory}: name each of them`);
  const all = (await readdir(directory).catch(nullIfMissing)) ?? [];
  const expression = new RegExp(
    `^${name.replaceAll(/\[!|[*?[\]\\^$.|+(){}]/g, (sign) => signs[sign] ?? `\\${sign}`)}$`,
  );
  return all
    .filter((one) => expression.test(one) && (name.startsWith('.') || !one.startsWith('.')))
    .sort()
    .map((one) => join(directory, one));
}

const signs: Record<string, string> = { '*': '.*', '?': '.', '[': '[', ']': ']', '[!': '[^' };
