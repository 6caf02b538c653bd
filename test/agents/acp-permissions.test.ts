import * as fs from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LaunchRequest } from '../../src/ports/agent.ts';
import type { Step } from '../fixtures/bin/acp-agent.ts';
import { ground, ofKind, run } from './acp-ground.ts';

const edit = (...paths: string[]) => ({
  toolCallId: 'edit',
  title: 'Edit',
  kind: 'edit',
  locations: paths.map((path) => ({ path })),
});

describe('permissions', () => {
  const asks = (toolCall: object): Step => ({
    ask: { toolCall: { toolCallId: 'edit', ...toolCall } },
  });
  const inside = () => join(ground.cwd, 'new/file');
  const outside = () => join(ground.root, 'file');
  const anything: (() => object)[] = [
    () => ({ kind: 'execute' }),
    () => ({ kind: 'switch_mode' }),
    () => ({ kind: 'fetch' }),
    () => ({ locations: [{ path: inside() }] }),
  ];
  const refused: (() => object)[] = [
    () => edit(outside()),
    () => edit(inside(), outside()),
    () => edit(`${ground.cwd}/../file`),
    () => edit(`${ground.cwd}2/file`),
    () => edit(ground.cwd),
    () => edit(),
    () => ({ ...edit(inside()), content: [{ type: 'diff', path: outside(), newText: '' }] }),
    () => ({ ...edit(inside()), kind: 'move' }),
  ];
  const changes: (() => object)[] = [
    () => edit(inside()),
    () => edit('new/file'),
    () => ({ ...edit(inside()), kind: 'delete' }),
    () => ({ ...edit(inside(), join(ground.cwd, 'b')), kind: 'move' }),
  ];
  const looks = ['read', 'search', 'think'].map((kind) => () => ({
    kind,
    locations: [{ path: '/etc' }],
  }));

  test.each<[LaunchRequest['permissions'], (() => object)[], 'yes' | 'no']>([
    ['full', [...anything, ...refused, ...changes, ...looks], 'yes'],
    ['workspace', [...changes, ...looks], 'yes'],
    ['workspace', [...anything, ...refused], 'no'],
    ['read-only', looks, 'yes'],
    ['read-only', [...anything, ...refused, ...changes], 'no'],
  ])('%s, asked for %o: %s', async (permissions, calls, answer) => {
    const steps = calls.map((call) => asks(call()));
    const { answer: said, report, stdout } = await run(steps, { request: { permissions } });
    const outcome = `[{"outcome":{"outcome":"selected","optionId":"${answer}"}}]`;
    expect(said).toBe(outcome.repeat(calls.length));
    expect(report.denied).toBe(answer === 'no' ? calls.length : 0);
    const trail = stdout.split('\n').filter((line) => line.includes('"type":"permission"'));
    expect(trail).toHaveLength(calls.length);
    for (const line of trail)
      expect(JSON.parse(line)).toMatchObject({
        method: 'session/request_permission',
        asked: {
          callId: 'edit',
          options: expect.arrayContaining([{ id: 'yes', kind: 'allow_once' }]),
        },
        answer: { allowed: answer === 'yes', optionId: answer, reason: expect.any(String) },
      });
  });

  test('an edit through a link that leads out is refused', async () => {
    fs.symlinkSync(ground.root, join(ground.cwd, 'link'));
    const { report } = await run([asks(edit(join(ground.cwd, 'link/file')))]);
    expect(report.denied).toBe(1);
  });

  test('what the request leaves out is known from the call', async () => {
    const call = { sessionUpdate: 'tool_call', ...edit(inside()), status: 'pending' };
    const { report } = await run([
      { update: call },
      { ask: { toolCall: { toolCallId: 'edit', kind: null } } },
    ]);
    expect(report.denied).toBe(0);
  });

  test('"always" is chosen only where everything is allowed anyway', async () => {
    const options = [{ optionId: 'always', name: 'Always', kind: 'allow_always' }];
    const step: Step = { ask: { toolCall: edit(inside()), options } };
    const workspace = await run([step]);
    expect(workspace.answer).toBe('[{"outcome":{"outcome":"cancelled"}}]');
    expect(workspace.report.denied).toBe(1);
    const full = await run([step], { request: { permissions: 'full' } });
    expect(full.answer).toContain('"optionId":"always"');
  });

  test.each([true, false])(
    'a command that was refused did not run, whether that is told or not: %s',
    async (told) => {
      const shell = { toolCallId: 'shell', title: 'rm x', kind: 'execute' };
      const update = { sessionUpdate: 'tool_call_update', ...shell, status: 'failed' };
      const { events } = await run([
        { ask: { toolCall: shell } },
        ...(told ? [{ update }] : []),
        { say: 'Well.' },
      ]);
      expect(ofKind(events, 'permission_denied')).toMatchObject([
        { tool: 'execute', reason: expect.stringContaining('rm x') },
      ]);
      expect(ofKind(events, 'tool_finished')).toMatchObject([{ ok: false }]);
      expect(ofKind(events, 'command_run')).toEqual([]);
    },
  );
});

describe('files', () => {
  test('below the folder are written and read, and the change is told once', async () => {
    const path = join(ground.cwd, 'deep/er/file');
    const { answer, events } = await run([
      { write: path, content: 'one\ntwo\nthree\n' },
      {
        update: {
          sessionUpdate: 'tool_call_update',
          ...edit(path),
          status: 'completed',
          content: [{ type: 'diff', path, oldText: '', newText: 'one' }],
        },
      },
      { read: path, line: 2, limit: 1 },
    ]);
    expect(fs.readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
    expect(answer).toBe('[{"content":"two"}]');
    expect(ofKind(events, 'file_changed')).toEqual([{ kind: 'file_changed', path, change: 'add' }]);
  });

  test('that do not exist are told as the protocol tells it', async () => {
    const { answer } = await run([{ read: join(ground.cwd, 'nothing') }]);
    expect(answer).toContain('-32002 Resource not found');
  });

  test.each<[string, () => string]>([
    ['outside', () => join(ground.root, 'file')],
    ['through ..', () => `${ground.cwd}/../file`],
    ['through a link to a folder', () => join(ground.cwd, 'folder-link/file')],
    ['through a link to a file', () => join(ground.cwd, 'file-link')],
    ['through a link to nothing', () => join(ground.cwd, 'dead-link')],
  ])('%s are not written, nor read', async (_how, path) => {
    fs.writeFileSync(join(ground.root, 'file'), 'secret');
    fs.symlinkSync(ground.root, join(ground.cwd, 'folder-link'));
    fs.symlinkSync(join(ground.root, 'file'), join(ground.cwd, 'file-link'));
    fs.symlinkSync(join(ground.root, 'unborn'), join(ground.cwd, 'dead-link'));
    const { answer, report, events } = await run([
      { write: path(), content: 'gone' },
      { read: path() },
    ]);
    expect(answer.match(/-32602 Tend does not allow/g)).toHaveLength(2);
    expect(answer).not.toContain('secret');
    expect(report.denied).toBe(2);
    expect(ofKind(events, 'file_changed')).toEqual([]);
    expect(fs.readFileSync(join(ground.root, 'file'), 'utf8')).toBe('secret');
    expect(fs.existsSync(join(ground.root, 'unborn'))).toBe(false);
  });

  test('are not written at all where only reading is allowed', async () => {
    const path = join(ground.cwd, 'file');
    fs.writeFileSync(path, 'old');
    const { answer, report } = await run([{ write: path, content: 'new' }, { read: path }], {
      request: { permissions: 'read-only' },
    });
    expect(report.denied).toBe(1);
    expect(answer).toContain('[{"content":"old"}]');
  });

  test('are written anywhere where everything is allowed, but not what is no file', async () => {
    const path = join(ground.root, 'file');
    const { answer } = await run(
      [{ write: path, content: 'new' }, { write: ground.cwd }, { write: 'relative' }],
      {
        request: { permissions: 'full' },
      },
    );
    expect(fs.readFileSync(path, 'utf8')).toBe('new');
    expect(answer.match(/-32602/g)).toHaveLength(2);
  });

  test('are all that is offered: no terminal, nothing unknown', async () => {
    const { answer, outcome } = await run([{ call: 'terminal/create' }, { call: 'of_the/future' }]);
    expect(answer.match(/-32601/g)).toHaveLength(2);
    expect(outcome).toEqual({ kind: 'ok' });
  });
});
