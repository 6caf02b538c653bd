import * as fs from 'node:fs';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Recording } from '../../src/domain/recording.ts';
import {
  at,
  bytes,
  logged,
  MAIN,
  put,
  recorded,
  RECORDINGS,
  ROOT,
  run,
  said,
  script,
  start,
} from './fake-agent.ts';

describe('a recording is played as it was', () => {
  test.each([
    ['claude/quota', { status: 1, signal: null }],
    ['codex/quota', { status: 1, signal: null }],
    ['gemini/success', { status: 0, signal: null }],
    ['opencode/sigkill-text', { status: null, signal: 'SIGKILL' }],
    ['amp/unreachable', { status: 1, signal: null }],
  ])('%s, byte by byte, with its end', (name, end) => {
    const file = (part: string): Buffer => fs.readFileSync(join(RECORDINGS, name, part));
    const { status, signal, stdout, stderr } = run([join(RECORDINGS, name)]);
    expect({ status, signal }).toEqual(end);
    expect(stdout.equals(file('stdout.jsonl'))).toBe(true);
    expect(stderr.equals(file('stderr.txt'))).toBe(true);
  });

  test('also what is no text', () => {
    const chunks = [
      { at: 0, stream: 'stdout', bytes: Uint8Array.of(0xff, 0x7b, 0x00, 0xc3) },
      { at: 5, stream: 'stdout', bytes: Uint8Array.of(0xbc, 0x0a) },
      { at: 5, stream: 'stderr', bytes: Uint8Array.of(0xfe) },
    ] as const;
    const { status, stdout, stderr } = run([recorded({ chunks })]);
    expect(status).toBe(3);
    expect([...stdout]).toEqual([0xff, 0x7b, 0x00, 0xc3, 0xbc, 0x0a]);
    expect([...stderr]).toEqual([0xfe]);
  });

  test('at its own pace, faster, or without any waiting', () => {
    const chunks = [
      { at: 0, stream: 'stdout', bytes: bytes('a') },
      { at: 300, stream: 'stdout', bytes: bytes('b') },
    ] as const;
    const path = recorded({ chunks });
    const took = (...args: readonly string[]): number => {
      const began = performance.now();
      expect(run([...args, path]).stdout.toString()).toBe('ab');
      return performance.now() - began;
    };
    expect(took()).toBeGreaterThan(300);
    expect(took('--speed', '3')).toBeGreaterThan(100);
    const slow = recorded({ chunks: chunks.map((one) => ({ ...one, at: one.at * 1e6 })) });
    expect(said(run(['--speed', '0', slow])).stdout).toBe('ab');
    expect(said(run([slow], { env: { TEND_FAKE_AGENT_SPEED: '100000000' } })).stdout).toBe('ab');
  });

  test('and vanishes where nobody saw its end', () => {
    expect(run([recorded({ exit: null })]).signal).toBe('SIGKILL');
    expect(run([recorded({ exit: { signal: 'SIGTERM' } })]).signal).toBe('SIGTERM');
  });
});

describe('a recording carries the values of today', () => {
  const printed =
    '{"session_id":"then","said":"then and {{prompt}} in {{cwd}}"}\nthen {{prompt}}\n';
  const whole = [{ at: 0, stream: 'stdout', bytes: bytes(printed) }] as const;
  const answer = (args: readonly string[], change: Partial<Recording> = {}): string =>
    said(run([recorded({ chunks: whole, ...change }), ...args])).stdout;

  test('the session id that was asked for, the prompt and the folder', () => {
    expect(answer(['--session-id', 'now', '-p', 'say "ü"'])).toBe(
      `{"session_id":"now","said":"now and say \\"ü\\" in ${at()}"}\nnow say "ü"\n`,
    );
  });

  test.each([
    ['a flag with =', ['--resume=now', 'hello']],
    ['a subcommand', ['exec', '--json', 'resume', 'now', 'hello you']],
  ])('named by %s', (_, args) => {
    expect(answer(args)).toContain('{"session_id":"now","said":"now and hello');
  });

  test('or by an option, whatever the recording’s own call says', () => {
    const path = recorded({ chunks: whole, argv: ['codex', 'exec', 'hello'] });
    expect(said(run(['--session-id', 'now', path])).stdout).toContain('"session_id":"now"');
  });

  test('nothing changes while no session is named', () => {
    expect(answer(['hello'])).toContain('{"session_id":"then","said":"then and hello');
  });

  test('an id that was not the one asked for then stays another one', () => {
    const argv = ['codex', 'exec', 'resume', 'my-name', 'hello'];
    const chunks = [
      { at: 0, stream: 'stdout', bytes: bytes('{"thread_id":"stranger"} my-name') },
    ] as const;
    expect(answer(['exec', 'resume', 'now'], { argv, chunks })).toBe(
      '{"thread_id":"stranger"} now',
    );
  });

  test('an id that stands across two pieces is seen, and nothing is lost around it', () => {
    const pieces = ['a th', 'e', 'n b then', ' c {{sess', 'ion}} d'];
    const chunks = pieces.map((piece) => ({
      at: 0,
      stream: 'stdout' as const,
      bytes: bytes(piece),
    }));
    expect(answer(['--session-id', 'n.$&w'], { chunks })).toBe('a n.$&w b n.$&w c n.$&w d');
  });
});

describe('in the place of an agent', () => {
  const link = (name: string): string => {
    fs.symlinkSync(MAIN, at(name));
    return at(name);
  };

  test('it ignores the agent’s flags, and says how it was called', () => {
    const path = script({ out: '{{session}}: {{prompt}}' });
    const env = {
      TEND_FAKE_AGENT: path,
      TEND_TASK_ID: 't-1',
      TEND_FAKE_AGENT_ENV: 'HOME, MODEL',
      MODEL: 'm',
      SOME_API_KEY: 'secret',
    };
    const args = ['-p', 'hello', '--session-id', 's-1', '--speed', '--help', '--verbose'];
    const { status, stdout } = said(run(args, { env, program: link('claude'), input: 'in\n' }));
    expect({ status, stdout }).toEqual({ status: 0, stdout: 's-1: hello\n' });
    expect(logged('call')).toEqual([
      {
        kind: 'call',
        argv: ['claude', ...args],
        cwd: at(),
        env: { HOME: at(), MODEL: 'm', TEND_TASK_ID: 't-1' },
        stdin: 'in\n',
        pid: expect.any(Number) as number,
      },
    ]);
    expect(fs.readFileSync(at('log'), 'utf8')).not.toContain('secret');
  });

  test('the environment alone is enough', () => {
    const env = { TEND_FAKE_AGENT: script({ out: '{{prompt}}' }), TEND_FAKE_AGENT_ENV: '*' };
    expect(said(run(['exec', '--json'], { env, input: 'from stdin' })).stdout).toBe('from stdin\n');
    expect(said(run(['exec', 'the longest word'], { env })).stdout).toBe('the longest word\n');
    expect(logged('call')[0]?.['env']).toMatchObject(env);
  });

  test('what it plays can lie beside the link', () => {
    const program = link('codex');
    fs.renameSync(script({ out: 'beside' }), at('codex.jsonl'));
    expect(said(run(['exec', 'hello'], { program })).stdout).toBe('beside\n');
    fs.cpSync(join(RECORDINGS, 'claude/quota'), at('claude.recording'), { recursive: true });
    const { status, stdout } = said(run(['-p', 'hello'], { program: link('claude') }));
    expect(status).toBe(1);
    expect(stdout).toContain('usage_limit_reached');
  });

  test('it has a version, and needs something to play', () => {
    const program = link('gemini');
    expect(said(run(['--version'], { program })).stdout).toBe('0.0.0-fake\n');
    const env = { TEND_FAKE_AGENT: '/nowhere' };
    expect(said(run(['--version'], { env })).stdout).toBe('0.0.0-fake\n');
    expect(fs.existsSync(at('log'))).toBe(false);
    const { status, stderr } = said(run(['-p', '--version'], { program }));
    expect(status).toBe(125);
    expect(stderr).toContain('nothing to play: TEND_FAKE_AGENT is not set, and there is no');
  });

  test('a stdin that stays open is waited for', async () => {
    const child = start([script({ out: 'done' })]);
    let ended = false;
    child.once('exit', () => {
      ended = true;
    });
    child.stdin?.write('one ');
    child.stdin?.write('two');
    // Long enough for the program to have come to its end if it did not wait.
    run([script({ out: 'done' })]);
    expect(ended).toBe(false);
    child.stdin?.end();
    await once(child, 'close');
    expect(logged('call').map(({ stdin }) => stdin)).toEqual(['', 'one two']);
  });
});

describe('the program of the package', () => {
  beforeEach(() => {
    fs.cpSync(join(ROOT, 'bin/tend-fake-agent.cjs'), at('bin/tend-fake-agent.cjs'));
  });
  const launcher = (): string => at('bin/tend-fake-agent.cjs');

  test('hands its name and its arguments on, and leaves nothing in HOME', () => {
    fs.mkdirSync(at('dist/interfaces/fake-agent'), { recursive: true });
    put('package.json', '{ "type": "module" }');
    put('dist/interfaces/fake-agent/main.js', "console.log(process.argv.slice(1).join('|'));");
    fs.symlinkSync(launcher(), at('claude'));
    expect(said(run(['-p', 'a b'], { program: at('claude') })).stdout).toBe(
      `${at('claude')}|-p|a b\n`,
    );
    expect(fs.readdirSync(at()).toSorted()).toEqual(['bin', 'claude', 'dist', 'package.json']);
    expect(fs.statSync(launcher()).mode & 0o111).toBe(0o111);
  });

  test('says so when it is not built, or Node is too old', () => {
    expect(said(run([], { program: launcher() })).stderr).toMatch(
      /^tend-fake-agent: this checkout is not built[^\n]+npm run build\n$/,
    );
    const old = put(
      'old.cjs',
      "Object.defineProperty(process, 'versions', { value: { node: '18.20.0' } });",
    );
    const onOld = spawnSync(process.execPath, ['--require', old, launcher()], { encoding: 'utf8' });
    expect(onOld).toMatchObject({ status: 125, stdout: '' });
    expect(onOld.stderr).toMatch(/^tend-fake-agent: needs Node\.js 20 or newer, this is v/);
  });
});
