// Which directory of the machine a path inside a container lies in. Pure.

/** One that is not absolute goes from the working directory of the container. */
export function inContainer(path: string, workingDirectory: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${workingDirectory}/${path}`).split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `/${parts.join('/')}`;
}

/** Of mounts in each other the inner one; undefined for what goes with the container. */
export function directoryOf<Directory extends { mount: string }>(
  { directories }: { directories: Directory[] },
  path: string,
): Directory | undefined {
  return directories
    .filter(({ mount }) => `${path}/`.startsWith(`${bare(mount)}/`))
    .toSorted((a, b) => b.mount.length - a.mount.length)[0];
}

/** Without slashes at its end. */
export function bare(path: string): string {
  return path.replace(/\/+$/, '');
}
