/** Tasks, questions and a terminal for the tests of the board. */
import { styleText } from 'node:util';
import type { Task } from '../client/index.ts';
import { initial, type Model } from './board-model.ts';
import { type Message, update } from './board-update.ts';
import type { Key, KeyName } from './keys.ts';
import type { Printer } from './print.ts';
import type { Asked } from './show-question.ts';

/** When all of it happens. */
export const NOW = Date.parse('2026-11-26T12:00:00Z');
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1_000).toISOString();

const NOTHING = { files: 0, insertions: 0, deletions: 0 };

/** A running task of a command, but for `more`. */
export const taskOf = (more: Partial<Task> = {}): Task =>
  ({
    id: 't-1',
    kind: 'command',
    title: 'make',
    state: 'running',
    reason: null,
    verdict: 'pending',
    queueReason: null,
    wait: null,
    owner: 'cli:1000',
    group: null,
    parent: null,
    labels: {},
    priority: 0,
    command: 'make',
    answer: null,
    cwd: '/work',
    createdAt: at(60),
    startedAt: at(50),
    endedAt: null,
    deadlineAt: null,
    runAt: null,
    lastActivityAt: null,
    exitCode: null,
    signal: null,
    detail: null,
    attempts: [],
    output: { path: null, stderrPath: null, bytes: 0, truncated: false, tail: '' },
    workspace: { kind: null, commit: null, merge: null, trashed: null, changed: NOTHING },
    review: { required: false, decision: null },
    concerns: [],
    verification: null,
    check: null,
    question: null,
    finish: null,
    progress: null,
    gaps: [],
    inputs: [],
    dependsOn: [],
    contextFrom: [],
    children: [],
    retryOf: null,
    schedule: null,
    ...more,
  }) as unknown as Task;

/** So many tasks, the newest first. */
export const tasksOf = (count: number, more: Partial<Task> = {}): Task[] =>
  Array.from({ length: count }, (_, index) =>
    taskOf({ id: `t-${index}`, createdAt: at(60 + index), ...more }),
  );

/** An open question of a worker, but for `more`. */
export const askedOf = (more: Partial<Asked> = {}): Asked => ({
  id: 'q-t-1.a.1',
  kind: 'worker',
  taskId: 't-1',
  owner: 'cli:1000',
  question: 'Which database?',
  options: ['Postgres', 'SQLite'],
  context: '',
  askedAt: at(30),
  deadlineAt: null,
  default: null,
  state: 'open',
  answer: null,
  ...more,
});

export const printerOf = (columns: number, rows: number, colours = false): Printer => ({
  isTerminal: true,
  colours,
  symbols: true,
  columns,
  rows,
  write: () => Promise.resolve(),
  line: () => Promise.resolve(),
  json: () => Promise.resolve(),
  paint: (style, text) => (colours ? styleText(style, text, { validateStream: false }) : text),
});

const NAMES: ReadonlySet<string> = new Set<KeyName>([
  'up',
  'down',
  'left',
  'right',
  'pageUp',
  'pageDown',
  'home',
  'end',
  'enter',
  'tab',
  'backTab',
  'escape',
  'backspace',
  'ctrl-c',
  'ctrl-l',
  'ctrl-z',
]);

/** The message of one key, by its name or character. */
export const keyOf = (word: string): Message => ({
  is: 'key',
  key: (NAMES.has(word) ? { is: 'key', name: word } : { is: 'text', text: word }) as Key,
});

/** A board with these tasks and questions. */
export function boardOf(
  tasks: readonly Task[],
  asked: readonly Asked[] = [],
  { columns = 80, rows = 24 } = {},
): Model {
  const messages: Message[] = [
    { is: 'tasks', tasks },
    { is: 'asked', asked },
    { is: 'link', live: true },
  ];
  return messages.reduce<Model>(
    (model, message) => update(model, message, NOW)[0],
    initial(columns, rows, NOW),
  );
}

/** The board after these keys, and what the last one does. */
export function pressed(model: Model, ...words: readonly string[]) {
  let step: ReturnType<typeof update> = [model, []];
  for (const word of words) step = update(step[0], keyOf(word), NOW);
  return { model: step[0], effects: step[1] };
}
