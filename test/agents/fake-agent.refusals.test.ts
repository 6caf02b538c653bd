import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { at, complaint, put, RECORDINGS, run, said, script } from './fake-agent.ts';

describe('what cannot be played is refused before anything is done', () => {
  test.each([
    [[], 'which recording or script? Try --help'],
    [['--sped', '0', 'x'], '--sped is unknown; try --help'],
    [['--speed'], '--speed needs a value'],
    [['--speed', '-1', 'x'], 'the speed must be a number such as 1, 10 or 0, not -1'],
    [['/nowhere/x'], '/nowhere/x cannot be read (ENOENT)'],
    [[join(RECORDINGS, 'claude')], '/exit.txt cannot be read (ENOENT)'],
  ])('a call like %j', (args, message) => {
    expect(complaint(...args)).toContain(message);
  });

  test.each([
    [{ outt: 'x' }, '/script.jsonl, line 2: outt is unknown there; is out meant?'],
    [{ out: 'x', to: 'stderr' }, 'line 2: to is unknown there; known are after, on, if_file'],
    [{ out: 'x', exit: 0 }, 'line 2 has both out and exit'],
    [{}, 'line 2 does nothing; it needs one of out, err, json'],
    [{ out: 1 }, 'line 2: out must be a text'],
    [{ out: 'x', after: 'soon' }, 'after must be a duration such as "200ms", or seconds'],
    [{ exit: 256 }, 'exit must be 0 to 255'],
    [{ exit: '1' }, 'exit must be 0 to 255'],
    [{ signal: 'TERM' }, 'signal must be a signal such as "SIGTERM"'],
    [{ ignore: 'SIGTERM' }, 'ignore must be a list of signals such as ["SIGTERM"]'],
    [{ hang: 'yes' }, 'hang must be true or false'],
    [{ read: 'all' }, 'read must be "line" or "end"'],
    [{ bytes: '???' }, 'bytes must be base64'],
    [{ file: '../x', text: '' }, 'file must be a path below the working directory'],
    [{ file: '/x', text: '' }, 'file must be a path below the working directory'],
    [{ file: 'x' }, 'text must be a text'],
    [{ replay: 'nowhere' }, '/nowhere cannot be read (ENOENT)'],
    [{ if_file: 1, out: 'x' }, 'if_file must be a text'],
  ])('a step like %j', (step, message) => {
    expect(complaint(script({ out: 'first' }, step))).toContain(message);
  });

  test.each([
    ['{"out":', '/file, line 1 is no JSON'],
    ['{"out":"x"}\n7', '/file, line 2 is no table'],
    ['steps = [', '/file: Invalid TOML document'],
    ['step = []', '/file: step is unknown; a script is a list of [[steps]]'],
    ['steps = 3', '/file: steps must be a list: [[steps]]'],
    ['steps = [3]', '/file, step 1 is no table'],
    ['{"tend":"recording"}', '/file: the recording has schema undefined, known is 1'],
  ])('a file with %j', (text, message) => {
    expect(complaint(put('file', text))).toContain(message);
  });

  test('a folder whose exit.txt holds no code', () => {
    fs.mkdirSync(at('run'));
    put('run/exit.txt', 'done\n');
    expect(complaint(at('run'))).toContain('/run/exit.txt holds no exit code');
  });

  test('the help names every option', () => {
    const { status, stdout } = said(run(['--help']));
    expect(status).toBe(0);
    for (const option of ['--speed', '--session-id', '--prompt', '--log'])
      expect(stdout).toContain(option);
    expect(said(run(['--version'])).stdout).toBe('0.0.0-fake\n');
  });
});
