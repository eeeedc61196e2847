// An absolute path as it is said shortest, so that two spellings of one are the same to whoever compares them. Pure.

/** "/etc//x" and "/etc/./x" are /etc/x; `..` is refused. A slash at the end stays: it says that this is a directory. */
export function shortest(path: string): string {
  return path.startsWith('/') ? path.replaceAll(/\/(\.?\/)+/g, '/').replace(/\/\.$/, '/') : path;
}
