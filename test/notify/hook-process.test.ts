import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Hook, type HookResult, runHook } from '../../src/adapters/notify/hook-process.ts';
import { until } from '../cli/home.ts';

let folder: string;
beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tend-hook-')));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const run = (
  command: Hook['command'],
  { input = '{}\n', timeout = 20_000, signal }: Partial<Parameters<typeof options>[0]> = {},
): Promise<HookResult> => runHook({ command, cwd: folder }, input, options({ timeout, signal }));
const options = (given: { input?: string; timeout: number; signal?: AbortSignal | undefined }) => ({
  environment: { PATH: '/usr/bin:/bin', TEND_HOOK_TEST: folder },
  timeout: given.timeout,
  signal: given.signal,
});
const script = (name: string, text: string, mode = 0o755): string => {
  const path = join(folder, name);
  fs.writeFileSync(path, text, { mode });
  return path;
};
/** Processes that were started here. */
const left = (): number[] =>
  fs
    .readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .filter((pid) => {
      try {
        const own = fs.readFileSync(`/proc/${pid}/environ`, 'latin1');
        const state = fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1];
        return own.includes(`TEND_HOOK_TEST=${folder}\0`) && !/^[ZX]/.test(state ?? '');
      } catch {
        return false;
      }
    });
const nothingLeft = () => until('nothing of it is left', () => left().length === 0);

describe('a hook', () => {
  test('is told on its stdin, and what it says first is kept', async () => {
    const said = await run('cat >told; echo; echo first; echo second; echo wrong >&2', {
      input: '{"id":"h-1"}\n',
    });
    expect(said).toEqual({ failure: null, said: 'first', interrupted: false });
    expect(fs.readFileSync(join(folder, 'told'), 'utf8')).toBe('{"id":"h-1"}\n');
    await nothingLeft();
  });

  test('is a program with its arguments, without a shell', async () => {
    const program = script('hook', '#!/bin/sh\nprintf "%s|" "$@"\n');
    expect(await run([program, 'a b', '$(touch x)', ''])).toMatchObject({
      failure: null,
      said: 'a b|$(touch x)||',
    });
    expect(fs.existsSync(join(folder, 'x'))).toBe(false);
  });

  test('that fails says why on stderr, where it says nothing else', async () => {
    expect(await run('echo no room >&2; exit 3')).toEqual({
      failure: 'exited with code 3',
      said: 'no room',
      interrupted: false,
    });
    expect(await run('kill -TERM $$')).toMatchObject({ failure: 'was ended by SIGTERM' });
  });

  test('need not read what it is told, however long that is', async () => {
    const input = 'x'.repeat(5_000_000);
    expect(await run('exit 0', { input })).toMatchObject({ failure: null });
  });

  test.each([
    ['missing', ['/no/such/hook'], 127],
    ['missing in the path', ['no-such-hook'], 127],
    ['a folder', ['/tmp'], 126],
  ])('that is %s fails', async (_, command, code) => {
    expect((await run(command)).failure).toBe(`exited with code ${code}`);
    await nothingLeft();
  });

  test('that may not be run fails, and so does one without its interpreter', async () => {
    const plain = script('plain', '#!/bin/sh\nexit 0\n', 0o644);
    expect((await run([plain])).failure).toBe('exited with code 126');
    const odd = script('odd', '#!/no/such/shell\n');
    expect((await run([odd])).failure).toMatch(/exited with code 12[67]/);
  });

  test('that hangs is killed with everything it started', async () => {
    const hangs = 'sleep 900 & (sleep 901 & sleep 902) & trap "" TERM INT; sleep 903; sleep 904';
    const said = await run(`echo begun; ${hangs}`, { timeout: 400 });
    expect(said).toMatchObject({ failure: 'took longer than 0.4 s and was killed', said: 'begun' });
    await nothingLeft();
  });

  test('that leaves something behind is done all the same, and that is ended', async () => {
    const from = performance.now();
    const said = await run('sleep 900 & sleep 901 >/dev/null 2>&1 </dev/null & echo done');
    expect(said).toMatchObject({ failure: null, said: 'done' });
    expect(performance.now() - from).toBeLessThan(5_000);
    await nothingLeft();
  });

  test('that floods its output is killed, and does not fill the memory', async () => {
    const before = process.memoryUsage().rss;
    const said = await run('yes out & yes wrong >&2');
    expect(said.failure).toBe('wrote too much and was killed');
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    await nothingLeft();
  });

  test('is ended when the daemon ends, and tells nothing then', async () => {
    const end = new AbortController();
    const running = run('echo begun >begun; sleep 900', { signal: end.signal });
    await until('it has begun', () => fs.existsSync(join(folder, 'begun')));
    end.abort();
    expect(await running).toMatchObject({ interrupted: true });
    await nothingLeft();
  });

  test('ends by itself when the daemon was killed', async () => {
    const main = join(import.meta.dirname, '../../src/adapters/notify/hook-process.ts');
    const code = `import { runHook } from ${JSON.stringify(main)};
      void runHook({ command: 'echo begun >begun; sleep 900', cwd: process.argv[1] }, '', {
        environment: process.env, timeout: 500, signal: undefined });`;
    const daemon = spawn(process.execPath, ['--input-type=module', '-e', code, folder], {
      env: { PATH: '/usr/bin:/bin', TEND_HOOK_TEST: folder },
      stdio: 'ignore',
    });
    await until('it has begun', () => fs.existsSync(join(folder, 'begun')));
    daemon.kill('SIGKILL');
    await nothingLeft();
  });
});
