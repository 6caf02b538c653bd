import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Item, Output, Task } from '../../src/interfaces/client/index.ts';
import { call, init, OTHER, result, returned, said } from '../agents/claude-lines.ts';
import { answers, ends, line, only, opens, says } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';
import { until } from './home.ts';

const stage = new AgentHome();
const { home } = stage;
afterAll(() => stage.close());

type Event = Item<'agentEvents'>;
const events = (text: string): Event[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((one) => JSON.parse(one) as Event);

const STEPS = [
  opens(),
  says('I look.\nTwice.', { id: 'm1' }),
  line(call('Bash', { command: 'npm test' })),
  line(returned({ content: 'ok' })),
  says('Fixed it.', { id: 'm2' }),
  ends({ result: 'Fixed it.', num_turns: 2 }),
  { err: 'a warning of the program' },
];

beforeAll(async () => {
  stage.plays('claude', ...STEPS);
  await stage.start('--id', 'done', 'claude', 'Fix it');
  await home.tend(['wait', 'done']);
});

describe('tend logs of an agent', () => {
  test('is readable: what it said and did, not its protocol', async () => {
    const text = await home.out('logs', 'done');
    expect(text).toContain('I look.\nTwice.\n');
    expect(text).toContain('Bash');
    expect(text).toContain('npm test');
    expect(text).toContain('Fixed it.');
    expect(text).not.toContain('"type"');
    expect(text).not.toContain('\u001B');
  });

  test('--raw is the protocol, byte for byte', async () => {
    const { output } = await home.json<Task>('show', 'done');
    const raw = await home.out('logs', '--raw', 'done');
    expect(raw).toBe(readFileSync(output.path ?? '', 'utf8'));
    const types = events(raw).map((one) => (one as unknown as { type: string }).type);
    expect(types).toEqual(['system', 'assistant', 'assistant', 'user', 'assistant', 'result']);
    expect(await home.out('logs', '--stderr', 'done')).toBe('a warning of the program\n');
  });

  test('--events is one JSON object a line: kinds, times, places', async () => {
    const all = events(await home.out('logs', '--events', 'done'));
    expect(all.map(({ kind }) => kind)).toEqual([
      'session',
      'usage',
      'text',
      'usage',
      'tool_started',
      'command_run',
      'tool_finished',
      'usage',
      'text',
      'usage',
      'final',
    ]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const raw = await home.out('logs', '--raw', 'done');
    for (const { offset, attempt, stream, at } of all) {
      expect({ attempt, stream }).toEqual({ attempt: 1, stream: 'stdout' });
      expect(raw.slice(offset)).toMatch(/^\{"type"/);
      expect(Math.abs(Date.parse(at ?? '') - Date.now())).toBeLessThan(600_000);
    }
    expect(all[2]).toMatchObject({ kind: 'text', text: 'I look.\nTwice.' });
    expect(await home.out('logs', '--events', '--json', 'done')).toBe(
      await home.out('logs', '--events', 'done'),
    );
  });

  test('-n shows the last ones', async () => {
    const last = events(await home.out('logs', '--events', '-n', '2', 'done'));
    expect(last.map(({ kind }) => kind)).toEqual(['usage', 'final']);
    expect(await home.out('logs', '-n', '1', 'done')).toBe('Fixed it.\n');
    expect(await home.out('logs', '-n', '0', 'done')).toBe('');
  });

  test('-n with -f begins with the last ones', async () => {
    stage.plays(
      'claude',
      opens(),
      says('One.', { id: 'm1' }),
      says('Two.', { id: 'm2' }),
      { wait_for: stage.at('go2') },
      says('Three.', { id: 'm3' }),
      ends(),
    );
    const id = await stage.start('claude', 'Fix it');
    await until('two texts', async () => (await home.out('logs', id)).includes('Two.'));
    const { said, result } = home.start(['logs', '-n', '1', '-f', id]);
    await until('the last text', () => said.stdout !== '');
    writeFileSync(stage.at('go2'), '');
    expect(await result).toMatchObject({ code: 0, stdout: 'Two.\nThree.\n' });
  });

  test('-f shows what happens when it happens, and ends with the task', async () => {
    stage.plays(
      'claude',
      opens(),
      says('One.'),
      { wait_for: stage.at('go') },
      says('Two.'),
      ends(),
    );
    const id = await stage.start('claude', 'Fix it');
    const readable = home.start(['logs', '-f', id]);
    const machine = home.start(['logs', '-f', '--events', id]);
    await until('the first text', () => readable.said.stdout.includes('One.'));
    await until('the first text as an event', () => machine.said.stdout.includes('"One."'));
    expect((await home.json<Task>('show', id)).state).toBe('running');
    const whileItRan = events(machine.said.stdout.slice(0, machine.said.stdout.lastIndexOf('\n')));
    writeFileSync(stage.at('go'), '');
    expect(await readable.result).toMatchObject({ code: 0, stdout: 'One.\nTwo.\n', stderr: '' });
    const { code, stdout } = await machine.result;
    expect(code).toBe(0);
    const ids = events(stdout).map((one) => one.id);
    expect(ids.slice(0, whileItRan.length)).toEqual(whileItRan.map((one) => one.id));
    expect(ids).toEqual(events(await home.out('logs', '--events', id)).map((one) => one.id));
  });

  test('shows every attempt, or the one that is asked for', async () => {
    const stranger = { session_id: OTHER };
    stage.plays(
      'claude',
      ...only('unless', '--resume', answers('Done.')),
      ...only('if', '--resume', [
        { json: init(stranger) },
        { json: said('I try.', stranger) },
        { json: result(stranger) },
      ]),
    );
    const id = (await home.out('resume', '-q', 'done')).trim();
    await home.tend(['wait', id]);
    const attempts = events(await home.out('logs', '--events', id)).map(({ attempt }) => attempt);
    expect(new Set(attempts)).toEqual(new Set([1, 2]));
    const first = await home.out('logs', '--attempt', '1', id);
    expect(first).toContain('I try.');
    expect(first).not.toContain('Done.');
    const second = await home.out('logs', '--attempt', '2', id);
    expect(second).toContain('Done.');
    expect(second).not.toContain('I try.');
  });
});

describe('tend record and tend replay', () => {
  test('a recorded run comes to the same, played again or only read', async () => {
    const file = stage.at('run.jsonl');
    await home.out('record', 'done', '-o', file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await home.tend(['record', 'done', '-o', file]);
    expect(again.code).toBe(2);
    expect(await home.out('record', 'done')).toBe(readFileSync(file, 'utf8'));

    stage.plays('claude', ...only('unless', '--none', []));
    const words = [
      'run',
      '--wait',
      '--json',
      '--env',
      `TEND_FAKE_AGENT=${file}`,
      'claude',
      'Other',
    ];
    const [old, played] = [
      await home.json<Task>('show', 'done'),
      JSON.parse(await home.out(...words)) as Task,
    ];
    expect(played).toMatchObject({ state: old.state, answer: old.answer, usage: old.usage });
    expect(await home.out('logs', played.id)).toBe(await home.out('logs', 'done'));
    expect(played.agent?.sessionId).not.toBe(old.agent?.sessionId);

    const files = ['--stdout', old.output.path ?? '', '--stderr', old.output.stderrPath ?? ''];
    const read = await home.json<Output<'replay'>>('replay', '--agent', 'claude', ...files);
    const { usage } = old;
    expect(read).toMatchObject({
      outcome: 'ok',
      sessionId: old.agent?.sessionId,
      finalText: old.answer,
      usage,
      events: 11,
      unknownLines: 0,
    });
    const plain = await home.out('replay', '--agent', 'claude', ...files);
    expect(plain).toContain('Fixed it.');
    expect(await home.out('replay', '-q', '--agent', 'codex', ...files)).not.toBe('ok\n');
  });

  test('what is not there is named', async () => {
    const missing = await home.tend(['replay', '--agent', 'claude', '--stdout', 'nowhere']);
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain('nowhere');
    const nobody = await home.tend(['replay', '--agent', 'nobody', '--stdout', 'nowhere']);
    expect(nobody.code).toBe(2);
    await home.run('--id', 'plain', '--', 'true');
    await home.tend(['wait', 'plain']);
    const command = await home.tend(['record', 'plain']);
    expect(command.stderr).toContain('tend logs plain');
  });
});
