import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Step } from '../fixtures/bin/acp-agent.ts';
import { agentOf, agentsOf, ground, isAlive, ofKind, request, run, start } from './acp-ground.ts';

const DONE: Step[] = [{ say: 'Done.' }];

describe('an earlier session', () => {
  const again = { request: { resume: true, sessionId: 'session-7' } };

  test.each(['load', 'resume'])(
    'is gone on with by %s, and its past is not told again',
    async (resume) => {
      const fake = { resume, sessions: ['session-7'] };
      const { outcome, answer, report, events, stdout } = await run(DONE, { fake, ...again });
      expect(outcome).toEqual({ kind: 'ok' });
      expect(answer).toBe('Done.');
      expect(report.sessionId).toBe('session-7');
      expect(ofKind(events, 'text')).toHaveLength(1);
      expect(stdout.includes('{"acp":1,"type":"history","updates":3}')).toBe(resume === 'load');
    },
  );

  test.each(['load', 'resume', 'none'])(
    'that is not there (%s) cannot be gone on with',
    async (resume) => {
      const { exit, outcome, report } = await run(DONE, { fake: { resume }, ...again });
      expect(exit).toEqual({ code: 1 });
      expect(outcome).toMatchObject({ kind: 'resume_unavailable' });
      expect(report.sessionId).toBeNull();
    },
  );

  test('is not even asked for where the agent is known not to keep it', () => {
    const unsupported = expect.objectContaining({ code: 'unsupported' });
    const resumed = request([], again.request);
    expect(() => agentOf({ resume: false }).launch(resumed)).toThrow(unsupported);
    expect(() => agentOf().launch({ ...resumed, sessionId: null })).toThrow(unsupported);
    expect(() => agentOf().launch(request([], { isolated: true }))).toThrow(unsupported);
  });
});

describe('settings', () => {
  const option = (category: string, ...options: object[]) => ({
    configOptions: [
      {
        id: `the-${category}`,
        name: category,
        category,
        type: 'select',
        currentValue: 'first',
        options,
      },
    ],
  });

  test('choose the model by its name, and tell it', async () => {
    const group = { group: 'g', name: 'G', options: [{ value: 'v/second', name: 'Second' }] };
    const fake = { settings: option('model', group) };
    const { answer, report } = await run(DONE, { fake, request: { model: 'Second' } });
    expect(answer).toBe('[the-model v/second]Done.');
    expect(report.model).toBe('Second');
    const { report: without } = await run(DONE, { fake });
    expect(without.model).toBe('first');
  });

  test('without a choice of models are a model that is not available', async () => {
    const { outcome } = await run(DONE, { request: { model: 'Second' } });
    expect(outcome).toMatchObject({ kind: 'model_unavailable' });
  });

  const definition = { askMode: 'careful' };
  const modes = { availableModes: [{ id: 'careful', name: 'Careful' }], currentModeId: 'bold' };

  test.each([
    [{ modes }, '[mode careful]Done.'],
    [option('mode', { value: 'careful', name: 'Careful' }), '[the-mode careful]Done.'],
  ])('make the agent ask before it acts: %j', async (settings, said) => {
    const { answer } = await run(DONE, { fake: { settings }, definition });
    expect(answer).toBe(said);
  });

  test('that do not make the agent ask are no settings to work with, unless everything is allowed', async () => {
    const { outcome, report } = await run(DONE, { definition });
    expect(outcome).toMatchObject({ kind: 'agent_error' });
    expect(report.sessionId).toBeNull();
    const full = await run(DONE, { definition, request: { permissions: 'full' } });
    expect(full.outcome).toEqual({ kind: 'ok' });
  });
});

describe('an agent that', () => {
  const failing = (code: number, message: string, data?: unknown): Step[] => [
    { say: 'You have hit your usage limit: 429 Too Many Requests.' },
    { fail: { code, message, data } },
  ];

  test.each<[string, Step[], string, RegExp]>([
    [
      'has no key',
      failing(-32603, 'Internal error', { details: '401 Incorrect API key' }),
      'auth_failed',
      /401/,
    ],
    ['asks for a login', failing(-32000, 'Who are you?'), 'auth_failed', /Who/],
    [
      'is at its limit',
      failing(429, 'You have exhausted your daily quota.'),
      'quota_exhausted',
      /daily/,
    ],
    ['is refused by status', failing(429, 'Slowly!'), 'rate_limited', /Slowly/],
    ['tells the status', failing(-32603, 'Oh', { statusCode: 529 }), 'overloaded', /Oh/],
    [
      'tells an error in its error',
      failing(-32603, 'Oh', { error: { message: 'HTTP 503' } }),
      'overloaded',
      /503/,
    ],
    ['only writes of limits', failing(-32603, 'Oh'), 'agent_error', /^Oh$/],
    ['closes its output', [{ close: true }], 'agent_error', /closed its output/],
    ['exits', [{ say: 'Usage limit reached.' }, { exit: 3 }], 'agent_error', /exited with code 3/],
  ])('%s', async (_how, steps, kind, message) => {
    const { exit, outcome } = await run(steps);
    expect(exit).toEqual({ code: 1 });
    expect(outcome).toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  test.each<[string, object, string, RegExp]>([
    ['ends before it is spoken to', { start: 'exit' }, 'agent_error', /exited with code 3/],
    ['never answers', { start: 'mute' }, 'agent_error', /did not answer initialize within 0.5 s/],
    ['speaks another version', { version: 2 }, 'agent_error', /version 2/],
    ['wants a login first', { needsLogin: true }, 'auth_failed', /Authentication required/],
  ])('%s', async (_how, fake, kind, message) => {
    const definition = 'start' in fake && fake.start === 'mute' ? { startTimeout: 500 } : {};
    const { exit, outcome } = await run(DONE, { fake, definition });
    expect(exit).toEqual({ code: 1 });
    expect(outcome).toMatchObject({ kind, message: expect.stringMatching(message) });
  });

  test('begins with nonsense', async () => {
    const { outcome, events } = await run(DONE, { fake: { start: 'garbage' } });
    expect(outcome).toEqual({ kind: 'ok' });
    expect(ofKind(events, 'warning')).toHaveLength(3);
  });

  test('is not there', async () => {
    const { exit, outcome } = await run(DONE, {
      request: { program: join(ground.root, 'nothing') },
    });
    expect(exit).toEqual({ code: 1 });
    expect(outcome).toMatchObject({
      kind: 'agent_error',
      message: expect.stringMatching(/could not be started: .*ENOENT/),
    });
  });
});

describe('the holder', () => {
  const WORKING: Step[] = [{ tool: 'sleep' }];

  /** The pids of the agent and its tool, once they work. */
  async function working(stdout: string): Promise<number[]> {
    const told = await vi.waitFor(
      () => {
        const found = /\[pids (\d+) (\d+)\]/.exec(fs.readFileSync(stdout, 'utf8'));
        expect(found).not.toBeNull();
        return found ?? [];
      },
      { timeout: 10_000, interval: 20 },
    );
    const pids = told.slice(1).map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);
    return pids;
  }

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'cancels at %s, and the agent ends its tool',
    async (signal) => {
      const { child, ended, paths } = start(WORKING);
      const pids = await working(paths.stdout);
      child.kill(signal);
      expect(await ended).toEqual({ signal });
      expect(pids.map(isAlive)).toEqual([false, false]);
      const lines = fs.readFileSync(paths.stdout, 'utf8');
      expect(lines).toContain('"stopReason":"cancelled"');
    },
  );

  test('ends an agent that does not listen, and its tool in a session of its own', async () => {
    const { child, ended, paths } = start(WORKING, { fake: { deaf: true } });
    const pids = await working(paths.stdout);
    child.kill('SIGTERM');
    expect(await ended).toEqual({ signal: 'SIGTERM' });
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  test('that is killed leaves an agent whose input has ended', async () => {
    const { child, ended, paths } = start([{ say: 'Working.' }, { hang: true }]);
    await vi.waitFor(() => expect(fs.readFileSync(paths.stdout, 'utf8')).toContain('Working'), {
      timeout: 10_000,
    });
    child.kill('SIGKILL');
    await ended;
    const agents = agentsOf(paths.stderr);
    expect(agents).toHaveLength(1);
    await vi.waitFor(() => expect(agents.filter(isAlive)).toEqual([]), { timeout: 5_000 });
  });

  test.runIf(fs.existsSync('/dev/full'))(
    'says that the disk is full, and leaves no agent',
    async () => {
      const { exit, stderr } = await run(DONE, { stdout: '/dev/full' });
      expect(exit).toEqual({ code: 1 });
      expect(stderr).toMatch(/ENOSPC/);
      const agents = agentsOf(join(ground.folder, 'stderr'));
      expect(agents).toHaveLength(1);
      await vi.waitFor(() => expect(agents.filter(isAlive)).toEqual([]), { timeout: 5_000 });
    },
  );

  test.each(['', '{}', '{"command":'])('does not begin without its work: %j', (config) => {
    const path = join(ground.folder, 'acp.json');
    if (config !== '') fs.writeFileSync(path, config);
    const [program = '', ...args] = agentOf().launch(request(DONE, {})).argv;
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/Error/);
  });

  test('is told its work in a file that only its user reads', () => {
    const { argv, files, stdin } = agentOf({ command: ['fake', '--acp'] }).launch(
      request(DONE, { program: '/bin/fake', permissions: 'full', model: 'm' }),
    );
    expect(argv.slice(2)).toEqual([join(ground.folder, 'acp.json')]);
    expect(stdin).toBeNull();
    expect(JSON.parse(files['acp.json'] ?? '')).toEqual({
      command: ['/bin/fake', '--acp'],
      cwd: ground.cwd,
      prompt: JSON.stringify(DONE),
      permissions: 'full',
      resume: null,
      model: 'm',
      offerFiles: true,
      askMode: null,
      startTimeout: 60_000,
      tools: null,
    });
  });
});
