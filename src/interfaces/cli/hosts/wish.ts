/** What an integration wants in a file. */

/** One place in a JSON file. */
export type Entry = Property | Element;

/** A property, its parents made when there are none. */
export interface Property {
  kind: 'property';
  at: readonly string[];
  /** Members that it must have; others are left as they are. */
  value: Readonly<Record<string, unknown>>;
  /** It was written by us, whatever was added to it. */
  isOurs: (value: unknown) => boolean;
}

/** An element of the list at `at`, its parents made when there are none. */
export interface Element {
  kind: 'element';
  at: readonly string[];
  value: unknown;
  /** That is, or has in its `hooks`, a handler of ours for the same purpose. */
  isOurs: (handler: unknown) => boolean;
}

/** A scalar without which the host does not read the file; kept when there is one, never taken away. */
export interface Wanted {
  kind: 'wanted';
  at: readonly string[];
  value: string | number;
}

export type Wish =
  | { kind: 'json'; path: string; entries: readonly (Entry | Wanted)[] }
  | { kind: 'toml'; path: string; table: readonly [string, string]; lines: readonly string[] }
  /** A file that is all ours; `comment` makes a line of it a comment. */
  | { kind: 'own'; path: string; text: string; comment: (line: string) => string };
