// What is looked at before the first change of how targets are asked, and answer.
import type { Credentials } from '../schema/access.ts';

export interface AccessAsk {
  /** Each is read as a request reads it, and tried where somebody answers before the week. */
  logins: { url: string; isThere: boolean; credentials: Credentials }[];
  /** Files that a container reads by its user, numeric uid:gid. */
  mounted: { path: string; container: string; user: string }[];
  /** Files that a container which is there before the week is going to read, at their paths in it. */
  seen: { container: string; files: string[] }[];
  /** Web configurations, and how the plan asks who answers by them. */
  web: {
    path: string;
    container: string;
    user: string;
    scheme: 'http' | 'https';
    username: string | null;
    certificate: boolean;
  }[];
}
