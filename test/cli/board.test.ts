import { afterAll, expect, test } from 'vitest';
import { Home, until } from './home.ts';

const home = new Home();
afterAll(() => home.close());

const [ENTER, LEAVE] = ['\u001b[?1049h', '\u001b[?1049l'];

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
});

test.each([
  ['ctrl-c', '\u0003'],
  ['escape', '\u001b'],
])('%s leaves', async (_, key) => {
  const { child, said, result } = home.startOnTerminal([]);
  await until('the board', () => said.stdout.includes('q leave'));
  child.stdin?.write(key);
  expect((await result).code).toBe(0);
});
