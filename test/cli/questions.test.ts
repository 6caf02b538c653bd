import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { answers, ends, only, opens, type Step } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';
import { until } from './home.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());

type Asked = Output<'questions'>['questions'][number];

const QUESTION = { question: 'Which database?', options: ['Postgres', 'SQLite'] };
const asking = (more: object = {}): Step[] => [
  opens(),
  { tell: 'ask', with: { ...QUESTION, ...more } },
  ends({ result: 'I asked.' }),
];

/** Asks in its first call and is done in the one that goes on. */
const asksOnce = (more: object = {}): Step[] => [
  ...only('unless', '--resume', asking(more)),
  ...only('if', '--resume', answers('Done.')),
];

beforeEach(() => stage.plays('claude', ...asksOnce()));

const stateOf = async (id: string): Promise<string> => (await home.json<Task>('show', id)).state;

/** A task that asks, and waits for the answer. */
async function parked(...more: string[]): Promise<string> {
  const id = await stage.start('claude', 'Build it', ...more);
  await until(`${id} waits`, async () => (await stateOf(id)) === 'awaiting_input');
  return id;
}

describe('tend questions', () => {
  test('lists what is open, with the command that answers it', async () => {
    const id = await parked('--owner', 'me');
    const { questions } = await home.json<{ questions: Asked[] }>('questions', '--owner', 'me');
    expect(questions).toMatchObject([
      { taskId: id, kind: 'worker', owner: 'me', state: 'open', ...QUESTION },
    ]);
    const text = await home.out('questions');
    expect(text).toContain(`${id}  asks  `);
    expect(text).toContain('Which database?');
    expect(text).toContain(`tend answer ${id} Postgres`);
    expect(await home.out('questions', '-q', '--owner', 'me')).toBe(`${questions[0]?.id}\n`);
    expect(await home.out('questions', '-q', '--owner', 'nobody')).toBe('');
    await home.out('answer', id, 'SQLite');
    expect(await home.out('questions', '-q', '--owner', 'me')).toBe('');
    expect(await home.out('questions', '--all', '--owner', 'me')).toMatch(
      /answered .* by .*: SQLite/,
    );
  });

  test('nothing is asked: says so, and is still JSON', async () => {
    const { stdout, stderr } = await home.tend(['questions', '--owner', 'nobody']);
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'tend: nothing is asked\n' });
    expect(await home.json('questions', '--owner', 'nobody')).toEqual({ questions: [] });
  });

  test('a hostile question reaches no terminal as it is', async () => {
    stage.plays('claude', ...asksOnce({ question: 'Which\u001b]0;evil\u0007?', options: [] }));
    const id = await parked();
    for (const words of [['questions'], ['show', id], ['ls'], ['inbox']]) {
      const text = await home.out(...words);
      for (const control of ['\u001b', '\u0007']) expect(text).not.toContain(control);
    }
    await home.out('answer', id, 'None');
  });
});

describe('tend answer', () => {
  test('lets the task go on to its end', async () => {
    const id = await parked();
    const { code, stdout, stderr } = await home.tend(['answer', id, 'Postgres', 'it', 'is']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${id} is answered: Postgres it is\n` });
    expect(stderr).toContain(`tend wait ${id}`);
    expect((await home.tend(['wait', id])).code).toBe(0);
    expect((await home.json<Task>('show', id)).answer).toBe('Done.');
  });

  test('takes an option by its number, and a question by its id', async () => {
    const id = await parked();
    const [asked] = (await home.json<{ questions: Asked[] }>('questions')).questions;
    const answered = await home.json<{ question: Asked; task: Task }>(
      'answer',
      asked?.id ?? '',
      '2',
    );
    expect(answered).toMatchObject({
      question: { state: 'answered', answer: { text: 'SQLite' } },
      task: { id },
    });
  });

  test('the second answer learns of the first one', async () => {
    const id = await parked();
    await home.out('answer', id, 'Postgres', '-q');
    const { code, stderr } = await home.tend(['answer', id, 'SQLite']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/answered .* by cli:\d+: Postgres/);
    const late = await home.tend(['answer', id, 'SQLite', '--json']);
    expect(JSON.parse(late.stdout)).toMatchObject({ error: { code: 'already_answered' } });
  });

  test('without an answer and without a terminal, names the exact commands', async () => {
    const id = await parked();
    const { code, stderr } = await home.tend(['answer', id]);
    expect(code).toBe(2);
    expect(stderr).toContain('there is no answer to: Which database?');
    expect(stderr).toContain(`tend answer ${id} Postgres`);
    const bare = await home.tend(['answer', '--json']);
    expect(JSON.parse(bare.stdout)).toMatchObject({ error: { code: 'invalid_input' } });
    await home.out('answer', id, 'Postgres');
  });

  test.each([
    ['a question that is none', ['answer', 'q-nothing.1.1', 'x'], 3],
    ['a task that is none', ['answer', 'nothing', 'x'], 3],
    ['an empty answer', ['answer', 'nothing', ' '], 2],
  ])('%s', async (_, words, code) => {
    expect((await home.tend(words)).code).toBe(code);
  });

  test('too late: tells that, and what can be done', async () => {
    stage.plays('claude', ...asksOnce({ within: '100ms' }));
    const id = await stage.start('claude', 'Build it');
    await until(`${id} fails`, async () => (await stateOf(id)) === 'failed');
    const { code, stderr } = await home.tend(['answer', id, 'Postgres']);
    expect(code).toBe(1);
    expect(stderr).toContain(`tend retry ${id}`);
  });

  test('on a terminal, shows the question and takes what is chosen', async () => {
    const id = await parked();
    const { child, said, result } = home.startOnTerminal(['answer', id]);
    await until('the question', () => said.stdout.includes('or in own words'));
    expect(said.stdout).toContain('Which database?');
    child.stdin?.write('\u001b[B\r');
    expect((await result).code).toBe(0);
    expect(said.stdout).toContain(`${id} is answered: SQLite`);
  });

  test('on a terminal, several are chosen among, and escape answers nothing', async () => {
    const ids = [await parked(), await parked()];
    const { child, said, result } = home.startOnTerminal(['answer']);
    await until('the list', () => ids.every((id) => said.stdout.includes(id)));
    child.stdin?.write('\u001b');
    expect((await result).code).toBe(130);
    for (const id of ids) expect(await stateOf(id)).toBe('awaiting_input');
    await Promise.all(ids.map((id) => home.out('answer', id, 'x')));
  });
});

describe('a task that asks', () => {
  test('says so in show, ls, inbox and wait, with the next command', async () => {
    const id = await parked('--owner', 'them');
    const shown = await home.out('show', id);
    expect(shown).toContain('awaiting input');
    expect(shown).toContain(`tend answer ${id} Postgres`);
    expect(shown).toContain('stopped to ask');
    expect(await home.out('ls', '--owner', 'them')).toContain('Which database?');
    expect(await home.out('inbox', '--owner', 'them')).toContain(`tend answer ${id} Postgres`);
    const { said, result } = home.start(['wait', id]);
    await until('the command', () => said.stderr.includes(`tend answer ${id} Postgres`));
    await home.out('answer', id, 'Postgres');
    expect((await result).code).toBe(0);
  });
});

test('what a worker told of its end is shown, gaps first of all', async () => {
  const checks = [
    { requirement: 'It builds', met: true, evidence: 'npm run build' },
    { requirement: 'It is tested', met: false, evidence: 'no time' },
  ];
  const finish = {
    result: 'Built.',
    summary: 'Half done.',
    checks,
    significance: '',
    notify: true,
  };
  stage.plays(
    'claude',
    opens(),
    { tell: 'progress', with: { text: 'Half.', percent: 50 } },
    { tell: 'finish', with: finish },
    ends({ result: 'Built.' }),
  );
  const id = await stage.start('claude', 'Build it');
  const { stdout } = await home.tend(['wait', id]);
  expect(stdout).toContain('with a gap: It is tested');
  const shown = await home.out('show', id);
  expect(shown).toContain('Half done.');
  expect(shown).toContain('not met  It is tested: no time');
});
