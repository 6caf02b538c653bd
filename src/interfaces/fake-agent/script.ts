/** The language of scripts: each step does one thing; see docs/guides/fake-agent.md. */
import { constants } from 'node:os';
import { duration } from '../../domain/duration.ts';
import { nearest } from '../../domain/nearest.ts';

export type Stream = 'stdout' | 'stderr';

const TOLD = ['ask', 'finish', 'progress', 'finding', 'memory'] as const;

/** What is told, by which tool. */
export interface Telling {
  tool: (typeof TOLD)[number];
  input: Readonly<Record<string, unknown>>;
}

/** What a step does. Texts have placeholders in them until they are played. */
export type Action =
  | { do: 'nothing' }
  | { do: 'write'; stream: Stream; text: string }
  | { do: 'json'; value: unknown }
  | { do: 'bytes'; stream: Stream; bytes: Uint8Array }
  | { do: 'file'; path: string; content: string | Uint8Array }
  | { do: 'child'; ms: number; session: boolean; output: boolean; ignores: readonly string[] }
  | { do: 'exit'; code: number }
  | { do: 'signal'; signal: string }
  | { do: 'ignore'; signals: readonly string[] }
  | { do: 'hang' }
  | { do: 'wait'; path: string }
  | ({ do: 'tell' } & Telling)
  | { do: 'read'; until: 'line' | 'end' }
  | { do: 'replay'; path: string };

export interface Step {
  /** Ms of waiting before it, at speed 1. */
  after: number;
  /** The signal whose answer the step belongs to; null = the script itself. */
  on: string | null;
  conditions: readonly Condition[];
  action: Action;
}

/** Decided when the program starts. */
interface Condition {
  of: 'file' | 'argument';
  name: string;
  there: boolean;
}

export type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with a script, a recording or the call: for people. */
export class FakeAgentError extends Error {}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One kind of step: the keys that go with it, and what they say. */
interface Kind {
  with: readonly string[];
  read(step: StepFields): Action;
}

const KINDS: Readonly<Record<string, Kind>> = {
  out: { with: [], read: (step) => ({ do: 'write', stream: 'stdout', text: step.text('out') }) },
  err: { with: [], read: (step) => ({ do: 'write', stream: 'stderr', text: step.text('err') }) },
  json: { with: [], read: (step) => ({ do: 'json', value: step.of['json'] }) },
  bytes: {
    with: ['to'],
    read: (step) => ({
      do: 'bytes',
      stream: step.of['to'] === undefined ? 'stdout' : step.word('to', ['stdout', 'stderr']),
      bytes: step.base64('bytes'),
    }),
  },
  file: {
    with: ['text', 'base64'],
    read: (step) => ({
      do: 'file',
      path: step.inside('file'),
      content: step.of['base64'] === undefined ? step.text('text') : step.base64('base64'),
    }),
  },
  child: {
    with: ['session', 'output', 'ignores'],
    read: (step) => ({
      do: 'child',
      ms: step.duration('child'),
      session: step.flag('session'),
      output: step.flag('output'),
      ignores: step.of['ignores'] === undefined ? [] : step.signals('ignores'),
    }),
  },
  exit: { with: [], read: (step) => ({ do: 'exit', code: step.exitCode('exit') }) },
  signal: { with: [], read: (step) => ({ do: 'signal', signal: step.signal('signal') }) },
  ignore: { with: [], read: (step) => ({ do: 'ignore', signals: step.signals('ignore') }) },
  hang: { with: [], read: (step) => (step.flag('hang') ? { do: 'hang' } : { do: 'nothing' }) },
  wait_for: { with: [], read: (step) => ({ do: 'wait', path: step.text('wait_for') }) },
  read: { with: [], read: (step) => ({ do: 'read', until: step.word('read', ['line', 'end']) }) },
  tell: {
    with: ['with'],
    read: (step) => ({ do: 'tell', tool: step.word('tell', TOLD), input: step.table('with') }),
  },
  replay: { with: [], read: (step) => ({ do: 'replay', path: step.text('replay') }) },
};

const CONDITIONS: Readonly<Record<string, Omit<Condition, 'name'>>> = {
  if_file: { of: 'file', there: true },
  unless_file: { of: 'file', there: false },
  if_argument: { of: 'argument', there: true },
  unless_argument: { of: 'argument', there: false },
};

const ANYWHERE = ['after', 'on', ...Object.keys(CONDITIONS)];

/** The step that `of` describes; `where` names it in errors. Throws FakeAgentError. */
export function stepOf(of: unknown, where: string): Step {
  if (!isFields(of)) throw new FakeAgentError(`${where} is no table`);
  const step = new StepFields(of, where);
  const kinds = Object.keys(of).filter((key) => Object.hasOwn(KINDS, key));
  const [name, other] = kinds;
  if (other !== undefined) throw new FakeAgentError(`${where} has both ${name} and ${other}`);
  const kind = name === undefined ? undefined : KINDS[name];
  const known = [...ANYWHERE, ...(name === undefined ? Object.keys(KINDS) : [name])];
  step.refuseOthers([...known, ...(kind?.with ?? [])]);
  if (kind === undefined && of['after'] === undefined)
    throw new FakeAgentError(
      `${where} does nothing; it needs one of ${Object.keys(KINDS).join(', ')}`,
    );
  return {
    after: of['after'] === undefined ? 0 : step.duration('after'),
    on: of['on'] === undefined ? null : step.signal('on'),
    conditions: Object.entries(CONDITIONS).flatMap(([key, condition]) =>
      of[key] === undefined ? [] : [{ ...condition, name: step.text(key) }],
    ),
    action: kind?.read(step) ?? { do: 'nothing' },
  };
}

const MOST_CODES = 255;

/** The values of one step, each read as what it must be. */
class StepFields {
  readonly of: Fields;
  readonly #where: string;
  constructor(of: Fields, where: string) {
    this.of = of;
    this.#where = where;
  }

  refuseOthers(known: readonly string[]): void {
    const other = Object.keys(this.of).find((key) => !known.includes(key));
    if (other === undefined) return;
    const near = nearest(other, known);
    const hint = near === null ? `known are ${known.join(', ')}` : `is ${near} meant?`;
    throw new FakeAgentError(`${this.#where}: ${other} is unknown there; ${hint}`);
  }

  text(key: string): string {
    const value = this.of[key];
    return typeof value === 'string' ? value : this.#wrong(key, 'a text');
  }

  flag(key: string): boolean {
    const value = this.of[key] ?? false;
    return typeof value === 'boolean' ? value : this.#wrong(key, 'true or false');
  }

  word<const T extends string>(key: string, words: readonly T[]): T {
    const word = words.find((one) => one === this.of[key]);
    return word ?? this.#wrong(key, words.map((one) => `"${one}"`).join(' or '));
  }

  table(key: string): Fields {
    const value = this.of[key] ?? {};
    return isFields(value) ? value : this.#wrong(key, 'a table');
  }

  duration(key: string): number {
    const value = this.of[key];
    const ms = typeof value === 'string' || typeof value === 'number' ? duration(value) : null;
    return ms ?? this.#wrong(key, 'a duration such as "200ms", or seconds');
  }

  exitCode(key: string): number {
    const value = this.of[key];
    const isCode = typeof value === 'number' && Number.isInteger(value);
    return isCode && value >= 0 && value <= MOST_CODES ? value : this.#wrong(key, '0 to 255');
  }

  signal(key: string): string {
    return isSignal(this.of[key]) ? this.text(key) : this.#wrong(key, 'a signal such as "SIGTERM"');
  }

  signals(key: string): readonly string[] {
    const value = this.of[key];
    return Array.isArray(value) && value.every(isSignal)
      ? value
      : this.#wrong(key, 'a list of signals such as ["SIGTERM"]');
  }

  base64(key: string): Uint8Array {
    const text = this.text(key);
    return /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)
      ? Buffer.from(text, 'base64')
      : this.#wrong(key, 'base64');
  }

  /** A path that does not leave the working directory. */
  inside(key: string): string {
    const path = this.text(key);
    const leaves = path === '' || path.startsWith('/') || path.split('/').includes('..');
    return leaves ? this.#wrong(key, 'a path below the working directory') : path;
  }

  #wrong(key: string, what: string): never {
    throw new FakeAgentError(`${this.#where}: ${key} must be ${what}`);
  }
}

const isSignal = (value: unknown): value is string =>
  typeof value === 'string' && Object.hasOwn(constants.signals, value);
