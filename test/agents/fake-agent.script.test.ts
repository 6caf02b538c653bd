import { once } from 'node:events';
import * as fs from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import {
  at,
  bytes,
  logged,
  output,
  put,
  recorded,
  run,
  said,
  script,
  start,
} from './fake-agent.ts';

describe('a script', () => {
  test('in TOML and in JSON lines does the same', () => {
    const toml = put(
      'script.toml',
      `[[steps]]
      json = { type = "init", session_id = "{{session}}", deep = [{ cwd = "{{cwd}}" }] }
      [[steps]]
      after = "1h"
      out = '{"text":"{{prompt}}"}'
      [[steps]]
      err = "{{prompt}}"
      [[steps]]
      bytes = "/wA="
      to = "stderr"
      [[steps]]
      exit = 7`,
    );
    const lines = script(
      { json: { type: 'init', session_id: '{{session}}', deep: [{ cwd: '{{cwd}}' }] } },
      { after: '1h', out: '{"text":"{{prompt}}"}' },
      { err: '{{prompt}}' },
      { bytes: '/wA=', to: 'stderr' },
      { exit: 7 },
    );
    for (const path of [toml, lines]) {
      const { status, stdout, stderr } = run(['--speed', '0', path, '-p', 'a "b"', '-r', 's-1']);
      expect(status).toBe(7);
      expect(stdout.toString()).toBe(
        `{"type":"init","session_id":"s-1","deep":[{"cwd":"${at()}"}]}\n{"text":"a \\"b\\""}\n`,
      );
      expect([...stderr]).toEqual([...bytes('a "b"\n'), 0xff, 0]);
    }
  });

  test('that comes to its end exits with 0, and one that has no session makes one up', () => {
    const path = script({ out: '{{session}} {{session}} {{unknown}} {{line.x}}' });
    const { status, stdout } = said(run([path]));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^([\da-f]{8}-[\da-f-]{27}) \1 \{\{unknown\}\} \{\{line\.x\}\}\n$/);
  });

  test('writes files below its folder', () => {
    const path = script(
      { file: 'src/deep/a.txt', text: 'for {{prompt}}\n' },
      { file: 'b', base64: 'AAH/' },
    );
    expect(run([path, 'you']).status).toBe(0);
    expect(fs.readFileSync(at('src/deep/a.txt'), 'utf8')).toBe('for you\n');
    expect([...fs.readFileSync(at('b'))]).toEqual([0, 1, 255]);
  });

  test('plays a recording within', () => {
    recorded({ chunks: [{ at: 9e9, stream: 'stdout', bytes: bytes('then\n') }] });
    const path = script({ replay: 'run.recording' }, { out: 'after' }, { signal: 'SIGHUP' });
    const { stdout, signal } = said(run(['--speed', '0', path, '--resume', 'now']));
    expect({ stdout, signal }).toEqual({ stdout: 'now\nafter\n', signal: 'SIGHUP' });
  });

  test('does otherwise the second time, or with another argument', () => {
    const path = script(
      { unless_file: 'tried', file: 'tried', text: '' },
      { unless_file: 'tried', exit: 1 },
      { if_file: 'tried', out: 'again' },
      { if_argument: '--resume', out: 'resumed' },
      { unless_argument: '--resume', out: 'new' },
    );
    expect(said(run([path]))).toMatchObject({ status: 1, stdout: '' });
    expect(said(run([path]))).toMatchObject({ status: 0, stdout: 'again\nnew\n' });
    expect(said(run([path, '--resume', 'x'])).stdout).toBe('again\nresumed\n');
  });

  test('is stepped by files', async () => {
    const child = start([script({ out: 'one' }, { wait_for: 'go' }, { out: 'two' })]);
    child.stdin?.end();
    expect(await output(child)).toBe('one\n');
    put('go', '');
    expect(await output(child)).toBe('two\n');
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  test('talks with whoever writes to its stdin', async () => {
    const child = start([
      script(
        { read: 'line' },
        { out: '{"id":{{line.id}},"result":{"was":"{{line.params.text}}"}}' },
        { read: 'end' },
        { out: 'rest: {{line}}' },
      ),
    ]);
    child.stdin?.write('{"id":4,"params":{"text":"a \\"b\\""}}\nmo');
    expect(await output(child)).toBe('{"id":4,"result":{"was":"a \\"b\\""}}\n');
    child.stdin?.end('re');
    expect(await output(child)).toBe('rest: more\n');
    await once(child, 'close');
    expect(logged('stdin').map(({ text }) => text)).toEqual([
      '{"id":4,"params":{"text":"a \\"b\\""}}',
      'more',
    ]);
    expect(logged('call')).toMatchObject([{ stdin: null }]);
  });

  test('has nothing to read when stdin is at its end', () => {
    const path = script({ read: 'line' }, { out: '<{{line}}>' });
    expect(said(run([path])).stdout).toBe('<>\n');
    expect(said(run([path], { input: 'last' })).stdout).toBe('<last>\n');
  });
});

describe('signals and processes', () => {
  test('a script that hangs goes when it is told to', async () => {
    const child = start([script({ out: 'up' }, { hang: true })]);
    child.stdin?.end();
    await output(child);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
  });

  test('it can be deaf to a signal, and says in its log that there was one', async () => {
    const child = start([script({ ignore: ['SIGTERM', 'SIGINT'] }, { out: 'up' }, { hang: true })]);
    child.stdin?.end();
    await output(child);
    child.kill('SIGTERM');
    await vi.waitFor(() => expect(logged('signal')).toMatchObject([{ signal: 'SIGTERM' }]));
    child.kill('SIGKILL');
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  });

  test('it can have an answer to a signal', async () => {
    const path = script(
      { out: 'up' },
      { hang: true },
      { on: 'SIGINT', json: { type: 'result', subtype: 'error_during_execution' } },
      { on: 'SIGTERM', exit: 143 },
    );
    const end = async (signal: NodeJS.Signals): Promise<unknown> => {
      const child = start([path]);
      child.stdin?.end();
      await output(child);
      child.kill(signal);
      return once(child, 'close');
    };
    expect(await end('SIGINT')).toEqual([0, null]);
    expect(await end('SIGTERM')).toEqual([143, null]);
  });

  test('it ends itself by a signal that it is deaf to', () => {
    const path = script({ ignore: ['SIGTERM'] }, { out: 'up' }, { signal: 'SIGTERM' }, { exit: 1 });
    expect(said(run([path]))).toMatchObject({ stdout: 'up\n', signal: 'SIGTERM' });
  });

  const sessionOf = (pid: number): number => {
    const [, after = ''] = /^.*\) (.*)$/s.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return Number(after.split(' ')[3]);
  };

  const isDeafToSigterm = (pid: number): boolean => {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, ignored = '0'] = /^SigIgn:\s*(\w+)$/m.exec(status) ?? [];
    return (BigInt(`0x${ignored}`) & (1n << 14n)) !== 0n;
  };

  test('its children outlive it, in a session of their own where they are told to', async () => {
    const path = script(
      { child: '10m', session: true },
      { child: '10m' },
      { child: '10m', ignores: ['SIGTERM'] },
    );
    expect(run([path]).status).toBe(0);
    const [apart = 0, near = 0, deaf = 0] = logged('child').map(({ child }) => child);
    for (const pid of [apart, near, deaf])
      await vi.waitFor(() =>
        expect(fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBe('sleep\x00600\x00'),
      );
    expect(sessionOf(apart)).toBe(apart);
    expect(sessionOf(near)).toBe(sessionOf(deaf));
    expect(sessionOf(near)).not.toBe(near);
    expect([apart, near, deaf].map(isDeafToSigterm)).toEqual([false, false, true]);
  });

  test('a child can hold the output open', async () => {
    const child = start([script({ child: '10m', session: true, output: true }, { out: 'done' })]);
    child.stdin?.end();
    const closed = once(child, 'close');
    const [first] = await Promise.all([output(child), once(child, 'exit')]);
    expect(first).toBe('done\n');
    expect(child.stdout?.readableEnded).toBe(false);
    process.kill(logged('child')[0]?.child ?? 0, 'SIGKILL');
    await closed;
    expect(child.stdout?.readableEnded).toBe(true);
  });

  test('a reader that goes away ends it', async () => {
    const path = script({ out: 'one' }, { wait_for: 'go' }, { out: 'two' }, { exit: 0 });
    const child = start([path]);
    child.stdin?.end();
    await output(child);
    child.stdout?.destroy();
    put('go', '');
    expect(await once(child, 'exit')).toEqual([141, null]);
  });
});
