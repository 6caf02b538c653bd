import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Task } from '../../src/interfaces/client/index.ts';
import { answers, ends, only, opens } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';
import { type Running, until } from './home.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());

const [ENTER, LEAVE] = ['\u001b[?1049h', '\u001b[?1049l'];
const CLEAR = '\u001b[2J';

const stateOf = async (id: string): Promise<string> => (await home.json<Task>('show', id)).state;

/** What is said from now on. */
function heard({ said }: Running): () => string {
  const from = said.stdout.length;
  return () => said.stdout.slice(from);
}

/** A board that shows its first frame. */
async function openBoard(...args: string[]): Promise<Running> {
  const board = home.startOnTerminal(args);
  await until('the board', () => board.said.stdout.includes('q leave'));
  return board;
}

const press = ({ child }: Running, keys: string): void => void child.stdin?.write(keys);

test('the board shows what happens, and gives the terminal back', async () => {
  const { child, said, result } = home.startOnTerminal([]);
  await until('an empty board', () => said.stdout.includes('no tasks yet'));
  expect(said.stdout).toContain(ENTER);
  await home.run('--id', 'busy', '--', 'sleep 60');
  await until('a task', () => /busy.*running/.test(said.stdout));
  await home.tend(['kill', '--wait', 'busy']);
  await until('its end', () => /busy.*cancelled/.test(said.stdout));
  child.stdin?.write('q');
  expect((await result).code).toBe(0);
  expect(said.stdout.trimEnd().endsWith(LEAVE)).toBe(true);
  // Only what changed was drawn: the screen was cleared once, at the beginning.
  expect(said.stdout.split(CLEAR)).toHaveLength(2);
});

test.each([
  ['ctrl-c', '\u0003'],
  ['escape', '\u001b'],
])('%s leaves', async (_, key) => {
  const board = await openBoard();
  press(board, key);
  expect((await board.result).code).toBe(0);
  expect(board.said.stdout.trimEnd().endsWith(LEAVE)).toBe(true);
});

test.each(['SIGTERM', 'SIGHUP'] as const)(
  '%s leaves and gives the terminal back',
  async (signal) => {
    const board = await openBoard();
    const own = home.processes().filter(({ command }) => /tend\.cjs ?$/.test(command.trim()));
    expect(own).toHaveLength(1);
    for (const { pid } of own) process.kill(pid, signal);
    await board.result;
    expect(board.said.stdout.trimEnd().endsWith(LEAVE)).toBe(true);
  },
);

test('ctrl-z gives the terminal back, and takes it again where no shell could bring the board back', async () => {
  const board = await openBoard();
  const told = heard(board);
  press(board, '\u001a');
  await until('the terminal given back', () => told().includes(LEAVE));
  await until('the board again', () => told().split(LEAVE)[1]?.includes('q leave') === true);
  expect(told().split(LEAVE)[1]).toContain(ENTER);
  press(board, 'q');
  expect((await board.result).code).toBe(0);
});

test('a terminal that goes away ends the board', async () => {
  const board = await openBoard();
  board.child.kill('SIGKILL');
  await until('the end of the board', () =>
    home.processes().every(({ command }) => !/tend\.cjs ?$/.test(command.trim())),
  );
});

describe('what can be done', () => {
  test('a task is stopped only after a confirmation', async () => {
    const board = await openBoard();
    await home.run('--id', 'victim', '--', 'sleep 60');
    await until('the task', () => /victim.*running/.test(board.said.stdout));
    press(board, '/victim\r');
    const asked = heard(board);
    press(board, 's');
    await until('a question', () => asked().includes('stop victim? y / n'));
    press(board, 'n');
    await until('that it is left', () => asked().includes('victim is left as it is'));
    expect(await stateOf('victim')).toBe('running');
    press(board, 's');
    press(board, 'y');
    await until('its end', async () => (await stateOf('victim')) === 'cancelled');
    press(board, 'q');
    await board.result;
  });

  test('output is followed', async () => {
    const line = 'echo first; until [ -e go ]; do sleep 0.05; done; echo second';
    await home.run('--id', 'talks', '--title', 'talks', '--', line);
    const board = await openBoard();
    await until('the task', () => /talks.*running/.test(board.said.stdout));
    press(board, '/talks\r');
    const told = heard(board);
    press(board, 'l');
    await until('what it wrote', () => told().includes('first'));
    writeFileSync(join(home.work, 'go'), '');
    await until('what it writes', () => told().includes('second'));
    await until('its end', () => /ended .*escape back/.test(told()));
    press(board, 'q');
    await board.result;
  });

  test('a question is answered in place', async () => {
    const question = { question: 'Which database?', options: ['Postgres', 'SQLite'] };
    const asks = [opens(), { tell: 'ask', with: question }, ends({ result: 'I asked.' })];
    stage.plays(
      'claude',
      ...only('unless', '--resume', asks),
      ...only('if', '--resume', answers('Done.')),
    );
    const board = await openBoard();
    const id = await stage.start('claude', 'Build it');
    await until('that it needs somebody', () => /1 needs you/.test(board.said.stdout));
    press(board, '\t');
    press(board, 'a');
    await until('the question', () => board.said.stdout.includes('or in own words'));
    press(board, '\u001b[B\r');
    await until('that it was taken', () => board.said.stdout.includes(`${id} is answered`));
    await until('its end', async () => (await stateOf(id)) === 'completed');
    const { question: asked } = await home.json<Task>('show', id);
    expect(asked).toBeNull();
    press(board, 'q');
    await board.result;
  });
});

test('a daemon that goes and comes back is told, and nothing is started by looking', async () => {
  const board = await openBoard();
  const told = heard(board);
  await home.out('daemon', 'stop');
  await until('that it is gone', () => told().includes('the daemon is gone'));
  expect(home.processes().some(({ command }) => command.includes('daemon/main.js'))).toBe(false);
  await home.out('daemon', 'start', '-q');
  await until('that it is back', () => told().includes('the daemon is back'));
  await home.run('--id', 'later', '--', 'true');
  await until('what happens then', () => told().includes('later'));
  press(board, 'q');
  expect((await board.result).code).toBe(0);
});

test('without colours there are none', async () => {
  const board = home.startOnTerminal([], { env: { NO_COLOR: '1' } });
  await until('the board', () => board.said.stdout.includes('q leave'));
  press(board, 'q');
  const { stdout } = await board.result;
  expect(stdout).not.toMatch(new RegExp(`${'\u001b'}\\[[0-9;]*m`));
});
