// Extended attributes and ACL of a file, by Python's standard library: Node has none for them.
import { execFileSync } from 'node:child_process';

/** Names and values of extended attributes, an ACL among them; with "set" gives the file some. */
export function attributes(path: string, set?: 'set'): string {
  const code = `
import os, struct, sys
path = sys.argv[1]
if sys.argv[2:]:
    os.setxattr(path, 'user.origin', b'the house')
    entries = [(1, 6, -1), (2, 4, 1000), (4, 4, -1), (16, 4, -1), (32, 0, -1)]
    os.setxattr(path, 'system.posix_acl_access', struct.pack('<I', 2) + b''.join(struct.pack('<HHi', *entry) for entry in entries))
print(sorted((name, os.getxattr(path, name)) for name in os.listxattr(path)), oct(os.stat(path).st_mode))`;
  return execFileSync('python3', ['-c', code, path, ...(set ? [set] : [])], { timeout: 10_000 }).toString();
}
