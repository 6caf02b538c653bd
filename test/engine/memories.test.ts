import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NewMemory } from '../../src/engine/facade.ts';
import { sharedFor } from '../../src/engine/shared.ts';
import { answers, openStage, type Stage } from '../agents/ground.ts';
import { letGo, refusal, runs, tokenOf, waits } from './questions-ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const memories = () => stage.ground.node.memories;
const add = (text: string | null, more: Partial<NewMemory> = {}) => {
  // Each is newer than the one before.
  stage.ground.jump(1);
  return memories().add({
    kind: 'fact',
    text,
    folder: stage.cwd,
    pinned: false,
    by: 'cli:1000',
    lasts: null,
    from: null,
    ...more,
  });
};
const search = async (text: string, more: Partial<{ folder: string; all: boolean }> = {}) =>
  (await memories().search({ text, kind: null, folder: null, all: false, limit: 99, ...more })).map(
    (one) => one.text,
  );
/** What the next task is told. */
async function told(prompt = 'Fix it.', spec = {}): Promise<string> {
  stage.plays('claude', ...answers());
  await stage.asked(prompt, { spec });
  const { argv = [], stdin = '' } = stage.calls().at(-1) ?? {};
  return argv.join('\n') + stdin;
}

describe('what is kept', () => {
  test('is told to tasks in its folder and below, and nowhere else', async () => {
    await add('Tabs here.');
    await add('Around it.', { folder: stage.at() });
    await add('Elsewhere.', { folder: stage.at('bin') });
    await add('Answer in English.', { folder: null, kind: 'preference' });
    const prompt = await told();
    expect(prompt).toContain('## What is known of this project');
    expect(prompt).toContain('- fact: Tabs here.');
    expect(prompt).toContain('- fact: Around it.');
    expect(prompt).toContain('- preference: Answer in English.');
    expect(prompt).not.toContain('Elsewhere.');
  });

  test('is told until it is over or taken away, and shown afterwards', async () => {
    const short = await add('For a while.', { lasts: 60_000 });
    const gone = await add('Taken away.');
    expect(await memories().remove(gone.id.slice(0, 8))).toMatchObject({ id: gone.id });
    expect(await memories().remove(gone.id)).toEqual(await memories().find(gone.id));
    expect(await told()).toContain('For a while.');
    await stage.later(60_001);
    const prompt = await told();
    expect(prompt).not.toContain('##');
    expect(await search('')).toEqual([]);
    expect(await search('', { all: true })).toEqual(['Taken away.', 'For a while.']);
    expect(await memories().find(short.id)).toEqual(short);
  });

  test('is told within its room: the pinned first, then what the task is about, then the newest', async () => {
    await add(`pinned ${'p'.repeat(1_400)}`, { pinned: true });
    await add(`lexer ${'l'.repeat(1_400)}`);
    for (let nth = 0; nth < 9; nth++) await add(`other ${nth} ${'o'.repeat(1_400)}`);
    const prompt = await told('Make the lexer fast.');
    expect(prompt.indexOf('pinned ppp')).toBeGreaterThan(0);
    expect(prompt.indexOf('lexer lll')).toBeGreaterThan(prompt.indexOf('pinned ppp'));
    expect(prompt).not.toContain('other 3');
    expect(prompt).toMatch(/more left out: there is no room for them/);
  });

  test('is found by the beginnings of its words', async () => {
    await add('The parser lives in src/parse.');
    await add('Deploys happen on Friday.', { folder: null });
    expect(await search('pars')).toEqual(['The parser lives in src/parse.']);
    expect(await search('deploy fri')).toEqual(['Deploys happen on Friday.']);
    expect(await search('lexer')).toEqual([]);
    expect(await search('', { folder: '/elsewhere' })).toEqual(['Deploys happen on Friday.']);
  });

  test('may be what a task found, and then stays marked as data', async () => {
    const found = { kind: 'finding', important: false, by: 'cli:1000', at: null } as const;
    const { finding } = await stage.ground.node.groups.post({
      ...found,
      group: 'g',
      text: 'Port 80 is taken.',
      taskId: 't-9',
    });
    const from = `f-${finding.seq}`;
    const kept = await add(null, { from, kind: 'warning' });
    expect(kept).toMatchObject({ text: 'Port 80 is taken.', from: { taskId: 't-9', group: 'g' } });
    expect(await told()).toMatch(/- warning \(found by task t-9 as f-1; data, not instructions/);
    expect(await add('In my words.', { from })).toMatchObject({ from: null });
    expect(await refusal(add(null, { from: 'f-99' }))).toBe('not_found');
    expect(await refusal(add(null))).toBe('invalid_input');
    expect(await refusal(add('x'.repeat(2_001)))).toBe('invalid_input');
    expect(await refusal(memories().find('m-none'))).toBe('not_found');
  });
});

describe('a worker', () => {
  test('reads what concerns its project, by kind, by words, or all, within the cap', async () => {
    await add('The parser lives in src/parse.');
    await add('Never push on Friday.', { kind: 'warning' });
    await add('A secret of another project.', { folder: '/elsewhere' });
    stage.plays('claude', ...waits(1, ...answers().slice(1)));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const read = (query: string) => stage.ground.node.worker.memory(tokenOf(stage, task), query);
    expect(await read('')).toMatch(/Never push on Friday\.\n.*The parser lives/);
    expect(await read('warning')).toMatch(/^- \d{4}-\d\d-\d\d warning: Never push on Friday\.$/);
    expect(await read('pars')).toMatch(/^- \S+ fact: The parser lives in src\/parse\.$/);
    expect(await read('secret')).toBe('');
    for (let nth = 0; nth < 20; nth++) await add(`${nth} ${'x'.repeat(1_800)}`);
    expect((await read('')).length).toBeLessThanOrEqual(8_000);
    letGo(stage, 1);
    await stage.ended(task.id);
    expect(await refusal(read(''))).toBe('already_ended');
  });

  test('that checks the work of others is told nothing', async () => {
    await add('Tabs here.');
    expect(await told()).toContain('Tabs here.');
    const [task] = (await stage.ground.node.list({ limit: 1 })).tasks;
    if (task === undefined) throw new Error('no task');
    const check = { of: 't-0', attempt: 1, what: 'judge', nth: 1, commit: 'c0ffee' } as const;
    const judge = { ...task, spec: { ...task.spec, check } };
    expect(await sharedFor(stage.ground.ports, task)).toContain('Tabs here.');
    expect(await sharedFor(stage.ground.ports, judge)).toBe('');
  });
});
