import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Home } from './home.ts';

const home = new Home();
afterAll(() => home.close());

test('print, get, set and path', async () => {
  const path = join(home.path, 's/config.toml');
  expect(await home.out('config', 'path')).toBe(`${path}\n`);
  await home.out('config', 'set', 'limits.slots', '3');
  expect(await home.out('config', 'get', 'limits.slots')).toBe('3\n');
  expect(readFileSync(path, 'utf8')).toContain('slots = 3');
  expect(await home.out('config')).toMatch(/^limits\.slots +3$/m);
  expect(await home.json('config', 'get', 'limits.slots')).toEqual({
    name: 'limits.slots',
    value: 3,
  });
});

test('a wrong name is answered with the nearest, a wrong value changes nothing', async () => {
  const { code, stderr } = await home.tend(['config', 'get', 'limits.slot']);
  expect(code).toBe(2);
  expect(stderr).toContain('limits.slots');
  expect((await home.tend(['config', 'set', 'limits.slots', '-1'])).code).toBe(2);
  expect(await home.out('config', 'get', 'limits.slots')).toBe('3\n');
});

test('a broken file is told with code 2, by every command that needs it', async () => {
  const other = new Home();
  try {
    await other.tend(['daemon', 'start']);
    await other.tend(['daemon', 'stop']);
    await other.launch('/bin/sh', ['-c', 'echo "[limits" > "$TEND_HOME/config.toml"']).result;
    const { code, stdout } = await other.tend(['ls', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'config_invalid' } });
    await other.launch('/bin/sh', ['-c', 'rm "$TEND_HOME/config.toml"']).result;
  } finally {
    await other.close();
  }
});
