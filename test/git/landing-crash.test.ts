import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHANGE, clean, ground, hook, LANDED, made, merging, textOf } from './landing-ground.ts';
import { createMerging } from '../../src/adapters/git/merging.ts';

describe('a hook of the repository', () => {
  test('may say no: nothing is touched', async () => {
    const request = await made(CHANGE);
    hook('[ "$1" = prepared ] && { echo "not on a Friday" >&2; exit 1; }; exit 0');
    const before = ground().personal();
    expect(await merging.land(request)).toEqual({ kind: 'hook', message: 'not on a Friday' });
    expect(ground().personal()).toBe(before);
  });

  test('is found where the repository says, and says nothing', async () => {
    const request = await made({ 'file.txt': 'two\n' });
    hook('exit 1', join(ground().checkout, '.git/own hooks'));
    ground().git('config', 'core.hooksPath', '.git/own hooks');
    expect(await merging.land(request)).toEqual({ kind: 'hook', message: 'the hook said nothing' });
  });

  test('that hangs is not waited for', async () => {
    const request = await made(CHANGE);
    hook('[ "$1" = prepared ] && exec sleep 5 </dev/null >/dev/null 2>&1; exit 0');
    const landed = await createMerging(300).land(request);
    expect(landed).toEqual({ kind: 'hook', message: 'the hook did not end within 0.3 s' });
    expect(ground().rev('main')).toBe(request.from);
  });

  test('that moves the branch itself is a branch that moved', async () => {
    const request = await made(CHANGE);
    const other = ground().git('commit-tree', '-m', 'other', '-p', 'main', 'main^{tree}');
    hook(
      `if [ "$1" = prepared ]; then echo ${other} > "$GIT_DIR/refs/heads/main"; exit 1; fi; exit 0`,
    );
    expect(await merging.land(request)).toEqual({ kind: 'moved', to: other });
  });
});

describe('after a crash', () => {
  test('between the branch and the checkout it goes on', async () => {
    const request = await made(CHANGE);
    ground().git('update-ref', 'refs/heads/main', request.to);
    expect(clean()).not.toBe('');
    expect(await merging.land(request)).toEqual(LANDED);
    expect([clean(), textOf('file.txt')]).toEqual(['', 'two\n']);
  });

  test('of the process itself, killed as the branch moves', async () => {
    const request = await made(CHANGE);
    // The hook's parent is git, and git's parent the process that lands.
    hook(`if [ "$1" = committed ]; then kill -9 "$(cut -d' ' -f4 "/proc/$PPID/stat")"; fi; exit 0`);
    const module = join(import.meta.dirname, '../../src/adapters/git/merging.ts');
    const script = `import { createMerging } from ${JSON.stringify(module)};
      await createMerging().land(${JSON.stringify(request)});`;
    const { signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(signal).toBe('SIGKILL');
    expect(ground().rev('main')).toBe(request.to);
    expect(textOf('file.txt')).toBe('one\n');
    hook('exit 0');
    expect(await merging.land(request)).toEqual(LANDED);
    expect([clean(), textOf('file.txt')]).toEqual(['', 'two\n']);
  });

  test('in the middle of the files it takes over those that were written', async () => {
    const request = await made({ ...CHANGE, 'new/c.txt': 'c\n' });
    ground().git('update-ref', 'refs/heads/main', request.to);
    ground().write({ 'file.txt': 'two\n', 'src/a.txt': null, 'new/b.txt': 'b\n' });
    expect(await merging.land(request)).toEqual(LANDED);
    expect([clean(), textOf('new/c.txt')]).toEqual(['', 'c\n']);
  });

  test('a checkout that somebody changed in between is left as it is', async () => {
    const request = await made(CHANGE);
    ground().git('update-ref', 'refs/heads/main', request.to);
    ground().write({ 'file.txt': 'mine\n' });
    const before = ground().personal();
    expect(await merging.land(request)).toEqual({ kind: 'landed', behind: [ground().checkout] });
    expect(ground().personal()).toBe(before);
    expect(textOf('file.txt')).toBe('mine\n');
  });
});
