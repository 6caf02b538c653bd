import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ERRORS, TendError } from '../../domain/errors.ts';
import { call, route, wantsJson } from './call.ts';
import type { Context } from './context.ts';
import { openPrinter } from './print.ts';
import { VERB_NAMES } from './verbs.ts';

const NOWHERE = '/dev/null/nowhere';
const unreachable = (): never => {
  throw new TendError('daemon_unreachable', 'nobody is there', 'Look elsewhere.');
};

/** A call in surroundings without a daemon and without a place to write to. */
async function tend(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const env = { HOME: NOWHERE, TEND_HOME: NOWHERE, XDG_CONFIG_HOME: NOWHERE };
  const context: Context = {
    env,
    argv,
    version: '1.2.3',
    uid: 1000,
    umask: 0o022,
    cwd: () => '/',
    out: openPrinter(out, env, () => {}),
    err: openPrinter(err, env, () => {}),
    onTerminal: false,
    signal: new AbortController().signal,
    takeSignals: () => {},
    exitCode: 0,
    brokenPipeCode: 0,
    connect: async () => unreachable(),
    connectRunning: async () => unreachable(),
    close: () => {},
  };
  const code = await call(context);
  const said = (stream: PassThrough): string => String(stream.read() ?? '');
  return { code, out: said(out), err: said(err) };
}

test.each([
  [['ls', '--json'], true],
  [['run', '--', 'x', '--json'], false],
  [['--', '--json'], false],
  [[], false],
])('%j wants JSON: %s', (argv, json) => expect(wantsJson(argv)).toBe(json));

test.each([
  [[], ['board']],
  [['--json'], ['board', '--json']],
  [
    ['-q', 'ls'],
    ['-q', 'ls'],
  ],
  [
    ['help', 'run'],
    ['run', '--help'],
  ],
  [
    ['help', 'daemon', 'start'],
    ['daemon', 'start', '--help'],
  ],
  [['help'], ['--help']],
  [['-V'], ['-V']],
])('%j is read as %j', (argv, words) => expect(route(argv).words).toEqual(words));

test.each([
  [['lss'], 'tend: there is no command "lss"\n  Did you mean: tend ls\n  See: tend help\n'],
  [
    ['run', '--wiat', '--', 'x'],
    "tend: unknown option '--wiat'\n  Did you mean --wait?\n  See: tend help run\n",
  ],
  [
    ['run', 'claude'],
    'tend: there is no prompt for claude\n' +
      '  Write it after the name, as in: tend run claude "Fix the flaky test"\n',
  ],
  [
    ['run', '--tier', 'lite', '--', 'make'],
    'tend: --tier is for agents; a command has no use for it\n' +
      '  An agent is started without --, as in: tend run claude "Fix the flaky test"\n',
  ],
  [
    ['run', '--'],
    'tend: there is no command to run\n  Give one after --, as in: tend run -- make test\n',
  ],
  [['show'], "tend: missing required argument 'task'\n  See: tend help show\n"],
  [['daemon'], 'tend: there is a word missing\n  See: tend help daemon\n'],
  [
    ['config', 'gte'],
    'tend: there is no command "config gte"\n' +
      '  Did you mean: tend config get\n  See: tend help config\n',
  ],
  [['xyzzyx'], 'tend: there is no command "xyzzyx"\n  See: tend help\n'],
])('%j is answered with the nearest right word', async (argv, err) => {
  expect(await tend(...argv)).toEqual({ code: 2, out: '', err });
});

test('a missing folder is named', async () => {
  const { code, err } = await tend('run', '--cwd', '/no/such', '--', 'x');
  expect(code).toBe(2);
  expect(err).toContain('--cwd /no/such does not exist');
});

test('help and version answer with 0, under --json too', async () => {
  const help = await tend('help', 'run');
  expect(help).toMatchObject({ code: 0, err: '' });
  expect(help.out).toContain('--promote-after');
  expect(await tend('--version')).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  const json = await tend('help', '--json');
  expect(JSON.parse(json.out)).toHaveProperty('help');
});

test.each(VERB_NAMES)('tend help %s fits 80 columns', async (verb) => {
  const { code, out } = await tend('help', verb);
  expect(code).toBe(0);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

const CODES = new Set<number>([
  0,
  1,
  75,
  125,
  130,
  ...Object.values(ERRORS).map((row) => row.exit),
]);

const OPTIONS =
  '--json -q -- - --wait -p 3 --cwd / --after a,b --help --env A=1 --timeout 1s --all -n --ack -x'.split(
    ' ',
  );

/** They talk to another program on the stdin of this very process, until that ends. */
const SERVING: readonly string[] = ['mcp', 'hook'];
const WORDS = [
  ...VERB_NAMES.filter((name) => !SERVING.includes(name)),
  'help',
  'start',
  'get',
  'set',
];

test('no words make it crash: a documented exit code, JSON when asked, never a stack', async () => {
  const word = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom<string>(...WORDS) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(...OPTIONS),
    },
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 6 }), async (argv) => {
      const { code, out, err } = await tend(...argv);
      expect(CODES).toContain(code);
      expect(`${out}${err}`).not.toMatch(/\n\s+at .*:\d+:\d+/);
      expect(code).not.toBe(125);
      if (wantsJson(argv) && out !== '') JSON.parse(out);
      if (wantsJson(argv)) expect(out).not.toBe('');
    }),
    { numRuns: 400 },
  );
}, 60_000);
