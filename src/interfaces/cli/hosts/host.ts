/** What Tend knows of one agent host: how its hooks are answered, and which of its files make it call them. */
import type { Host } from '../../../domain/host.ts';
import type { Wish } from './wish.ts';

/**
 * When a host calls: a session begins or goes on, a prompt was given, a tool is about to run, a turn ends, it is idle; and
 * the agent has been told what was printed before.
 */
export const EVENTS = ['start', 'prompt', 'tool', 'stop', 'wake', 'told'] as const;
export type HookEvent = (typeof EVENTS)[number];

export const isHookEvent = (word: string): word is HookEvent =>
  EVENTS.some((event) => event === word);

/** What a host sent on stdin. */
export type Given = Readonly<Record<string, unknown>>;

type Env = Readonly<Record<string, string | undefined>>;

/** How a host is told something; null = it has no way for that. */
export interface Voice {
  /** The id of the session that calls. */
  session(given: Given): unknown;
  /** Adds to what the agent reads at this event. */
  context(event: 'start' | 'prompt', text: string, owner: string): object | null;
  /** Lets the agent go on instead of ending its turn; not asked when it is already doing so. */
  stop(text: string): object | null;
  /** The end of this turn was already put off by a hook. */
  isStopping(given: Given): boolean;
  /** Makes `owner` the owner of what the tool starts. */
  tool(given: Given, owner: string): object | null;
  /** It says itself, by `told` with the ids, when its agent has been told. */
  tells?: true;
  /** Wakes an idle session; `idle` = it may be woken at all. */
  wake: { idle(env: Env): boolean; answer(text: string): Answer } | null;
}

interface Answer {
  /** Printed as JSON. */
  json?: object;
  /** Printed on stderr. */
  words?: string;
  exitCode: number;
}

/** Where a host's files are, and how it shall call us. */
export interface Place {
  home: string;
  env: Env;
  /** The repository; null = the files of the person. */
  project: string | null;
  /** The program and its first arguments. */
  command: readonly string[];
  version: string;
}

interface Files {
  /** What is wanted in which file. */
  wishes(place: Place): Wish[];
  /** What the person has to know or do. */
  notes(place: Place): string[];
}

export interface HostKind extends Files {
  name: Host;
  /** As people write it. */
  title: string;
  voice: Voice;
}

export const isObject = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A line for a shell. */
export const shellLine = (words: readonly string[]): string =>
  words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');

/** The line by which a host calls us at `event`. */
export const hookLine = ({ command }: Place, host: Host, event: HookEvent): string =>
  shellLine([...command, 'hook', host, event]);

/** Whatever wrote it: a line that calls us for this host and event. */
export const isHookLine = (line: unknown, host: Host, event: HookEvent): boolean =>
  typeof line === 'string' &&
  new RegExp(`(^|[\\s/'"\\\\])tend(\\.cjs)?['"]? hook ${host} ${event}$`).test(line);
