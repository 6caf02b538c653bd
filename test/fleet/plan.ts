/** The batch of the fleet: 40 tasks, three agents, and what each task must come to. */

/** What a task ends as: its state, why, and the agent of its last attempt. */
export interface Came {
  state: string;
  reason?: string;
  agent?: string;
  /** How many attempts it took; a pair where it depends on who was first. */
  attempts: number | readonly [least: number, most: number];
}

interface Planned {
  name: string;
  lines: readonly string[];
  came: Came;
}

const DONE: Came = { state: 'completed', attempts: 1 };
const SKIPPED: Came = { state: 'skipped', reason: 'dependency_failed', attempts: 0 };

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

const times = <T>(count: number, make: (nth: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));

const command = (
  name: string,
  line: string,
  after: readonly string[] = [],
  came = DONE,
): Planned => ({
  name,
  lines: [
    `command = '${line}'`,
    ...(after.length === 0 ? [] : [`depends_on = [${quoted(after)}]`]),
  ],
  came,
});

const asks = (
  name: string,
  agent: string,
  after: readonly string[],
  came: Came,
  ...more: readonly string[]
): Planned => ({
  name,
  lines: [
    `agent = "${agent}"`,
    `prompt = "Do the work of ${name} in \${folder}."`,
    `depends_on = [${quoted(after)}]`,
    ...more,
  ],
  came,
});

/** It holds its folder while it runs: two at once would fail. */
const ALONE = 'mkdir only && sleep 0.1 && rmdir only';
const GATE = 'until test -e go; do sleep 0.02; done';

export const PLAN: readonly Planned[] = [
  ...times(7, (nth) => command(`build-${nth}`, `echo built ${nth}`)),
  ...times(3, (nth): Planned => {
    const task = command(`db-${nth}`, ALONE);
    return { ...task, lines: [...task.lines, 'exclusive = "db"'] };
  }),
  command('gate', GATE, ['claude-1', 'claude-2']),
  ...times(2, (nth) =>
    asks(`claude-${nth}`, 'claude', [`build-${nth}`], { ...DONE, agent: 'claude' }),
  ),
  // Refused for their limit in mid-run, or held before they ever began.
  ...times(4, (nth) =>
    asks(`claude-${nth + 2}`, 'claude', ['gate', `build-${nth + 2}`], {
      ...DONE,
      agent: 'claude',
      attempts: [1, 2],
    }),
  ),
  ...times(3, (nth) =>
    asks(
      `falls-${nth}`,
      'claude',
      ['gate'],
      { ...DONE, agent: 'gemini', attempts: [1, 2] },
      'fallback = ["gemini"]',
    ),
  ),
  ...times(2, (nth) =>
    asks(
      `codex-${nth}`,
      'codex',
      nth === 1 ? ['gate'] : ['gate', 'build-7'],
      { state: 'failed', reason: 'agent_error', agent: 'codex', attempts: 1 },
      'priority = 5',
    ),
  ),
  ...times(2, (nth) => asks(`codex-${nth + 2}`, 'codex', ['gate'], { ...DONE, agent: 'codex' })),
  ...times(3, (nth) =>
    asks(`gemini-${nth}`, 'gemini', ['falls-1', 'falls-2', 'falls-3'], {
      ...DONE,
      agent: 'gemini',
    }),
  ),
  command('needs-codex', 'echo never', ['codex-1'], SKIPPED),
  command('needs-that', 'echo never', ['needs-codex'], SKIPPED),
  {
    ...command('mends', 'echo mended', ['codex-2']),
    lines: ["command = 'echo mended'", 'depends_on = ["codex-2"]', 'when = "failure"'],
  },
  ...times(6, (nth) =>
    command(`report-${nth}`, `echo report ${nth}`, [
      nth <= 4 ? `claude-${nth + 2}` : `codex-${nth - 2}`,
    ]),
  ),
  {
    ...command('summary', 'echo all', []),
    lines: [
      "command = 'echo all'",
      `depends_on = [${quoted([...times(6, (nth) => `report-${nth}`), 'needs-that', 'gemini-1', 'gemini-2', 'gemini-3'])}]`,
      'when = "always"',
    ],
  },
  command('ships', 'echo shipped', ['summary', 'db-1', 'db-2', 'db-3', 'build-7']),
  {
    name: 'reads',
    lines: [
      'agent = "codex"',
      'prompt = "What came of it?"',
      'depends_on = ["summary"]',
      'context_from = ["report-1"]',
    ],
    came: { ...DONE, agent: 'codex' },
  },
  command('last', 'echo bye', ['reads', 'ships', 'mends']),
];

/** The batch file. */
export const batchFile = (): string =>
  [
    '[vars]',
    'folder = "this folder"',
    '',
    '[defaults]',
    'timeout = "5m"',
    'notify = "never"',
    '',
    ...PLAN.flatMap(({ name, lines }) => ['[[task]]', `name = "${name}"`, ...lines, '']),
  ].join('\n');
