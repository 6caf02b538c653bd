/** How the program was called: as itself, or in the place of an agent. */
import * as fs from 'node:fs';
import { basename } from 'node:path';
import { FakeAgentError } from './script.ts';

const VERSION = '0.0.0-fake';

const USAGE = `Usage: tend-fake-agent [options] <recording or script> [the agent's own arguments…]

Plays a recorded run of an agent, or a script, at no cost.

  --speed <factor>     2 = twice as fast, 0 = without any waiting (default 1)
  --session-id <id>    for {{session}}, and instead of the recording's session id
  --prompt <text>      for {{prompt}}
  --log <file>         how it was called, as JSON lines
  --version, --help

Called through a link with another name, such as claude, or with TEND_FAKE_AGENT=<recording or script> in its
environment, all arguments are the agent's own. TEND_FAKE_AGENT_SPEED, _SESSION, _PROMPT and _LOG are the options then.
`;

type Env = Readonly<Record<string, string | undefined>>;

export interface Call {
  /** Of the recording or script. */
  path: string;
  /** As the agent sees it, its name first. */
  argv: readonly string[];
  speed: number;
  /** As given; null = look at the arguments. */
  session: string | null;
  prompt: string | null;
  log: string | null;
}

const OWN_NAMES: readonly string[] = ['tend-fake-agent', 'main'];
const VERSION_FLAGS: readonly string[] = ['--version', '-v', '-V'];
const OPTIONS = {
  '--speed': 'SPEED',
  '--session-id': 'SESSION',
  '--prompt': 'PROMPT',
  '--log': 'LOG',
};

/** What to play and how, or a text to print and be done. `program` = the path it was called by. Throws FakeAgentError. */
export function readCall(program: string, given: readonly string[], env: Env): Call | string {
  const name = basename(program).replace(/\.[cm]?[jt]s$/, '');
  const options = new Map<string, string>();
  for (const word of Object.values(OPTIONS)) {
    const value = env[`TEND_FAKE_AGENT_${word}`];
    if (value !== undefined && value !== '') options.set(word, value);
  }
  const named = env['TEND_FAKE_AGENT'] ?? '';
  if (OWN_NAMES.includes(name) && named === '') return ownCall(given, options);
  if (given.length === 1 && VERSION_FLAGS.includes(given[0] ?? '')) return `${VERSION}\n`;
  const path = named === '' ? beside(program) : named;
  if (path === null)
    throw new FakeAgentError(
      `nothing to play: TEND_FAKE_AGENT is not set, and there is no ${program}.toml, .jsonl or .recording`,
    );
  return { path, argv: [name, ...given], ...valuesOf(options) };
}

function ownCall(given: readonly string[], options: Map<string, string>): Call | string {
  const rest = [...given];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help' || word === '-h') return USAGE;
    if (VERSION_FLAGS.includes(word)) return `${VERSION}\n`;
    if (!word.startsWith('-'))
      return { path: word, argv: ['tend-fake-agent', ...rest], ...valuesOf(options) };
    const option = Object.entries(OPTIONS).find(([flag]) => flag === word)?.[1];
    const value = rest.shift();
    if (option === undefined) throw new FakeAgentError(`${word} is unknown; try --help`);
    if (value === undefined) throw new FakeAgentError(`${word} needs a value`);
    options.set(option, value);
  }
  throw new FakeAgentError('which recording or script? Try --help');
}

function valuesOf(options: ReadonlyMap<string, string>): Omit<Call, 'path' | 'argv'> {
  const speed = options.get('SPEED') ?? '1';
  if (!/^\d+(\.\d+)?$/.test(speed))
    throw new FakeAgentError(`the speed must be a number such as 1, 10 or 0, not ${speed}`);
  return {
    speed: Number(speed),
    session: options.get('SESSION') ?? null,
    prompt: options.get('PROMPT') ?? null,
    log: options.get('LOG') ?? null,
  };
}

/** A recording or script that lies beside the link that was called, under its name. */
function beside(program: string): string | null {
  const paths = ['.toml', '.jsonl', '.recording'].map((ending) => `${program}${ending}`);
  return paths.find((path) => fs.existsSync(path)) ?? null;
}

/** Flags and words that stand before a session id, over all agents. */
const SESSION_WORDS: readonly string[] = [
  '--session-id',
  '--resume',
  '--session',
  '-r',
  'resume',
  'continue',
];
const PROMPT_WORDS: readonly string[] = [
  '-p',
  '--prompt',
  '--print',
  '-x',
  '--execute',
  '--single',
];

const valueAfter = (argv: readonly string[], words: readonly string[]): string | null => {
  for (const [index, word] of argv.entries()) {
    const [flag = '', ...value] = word.split('=');
    if (word.startsWith('--') && value.length > 0 && words.includes(flag)) return value.join('=');
    const next = argv[index + 1];
    if (words.includes(word) && next !== undefined && !next.startsWith('-')) return next;
  }
  return null;
};

/** The session that the arguments of an agent name; null = none. */
export const sessionIn = (argv: readonly string[]): string | null =>
  valueAfter(argv.slice(1), SESSION_WORDS);

/** The prompt of an agent's call: after its flag, on stdin, or the longest argument that is no flag. */
export function promptIn(argv: readonly string[], stdin: string | null): string {
  const flagged = valueAfter(argv.slice(1), PROMPT_WORDS);
  if (flagged !== null) return flagged;
  if (stdin !== null && stdin !== '') return stdin;
  const words = argv.slice(1).filter((word) => !word.startsWith('-'));
  return words.toSorted((a, b) => b.length - a.length)[0] ?? '';
}
