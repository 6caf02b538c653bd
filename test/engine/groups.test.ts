import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MOST_FINDINGS_OF_TASK } from '../../src/domain/group.ts';
import type { Task } from '../../src/domain/task.ts';
import type { FindingPost } from '../../src/engine/facade.ts';
import { answers, inTurn, openStage, says, type Stage } from '../agents/ground.ts';
import { letGo, refusal, runs, tokenOf, waits } from './questions-ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const groups = () => stage.ground.node.groups;
const post = (text: string, more: Partial<FindingPost> = {}) =>
  groups().post({
    group: 'parser',
    kind: 'finding',
    text,
    important: false,
    taskId: null,
    by: 'cli:1000',
    at: null,
    ...more,
  });
const ofGroup = { spec: { group: 'parser' } };
const promptOf = async (id: string, attempt: number | null = null): Promise<string> =>
  (await stage.ground.node.agents.prompt(id, attempt)).prompt;
/** What the programs were given, the oldest first. */
const given = (): string[] => stage.calls().map(({ argv, stdin }) => argv.join('\n') + stdin);
const finds = (task: Task, text: string) =>
  stage.ground.node.worker.finding(tokenOf(stage, task), text);

describe('a group', () => {
  test('is made once, told of, changed and forgotten; its tasks keep its name', async () => {
    const made = await groups().create('parser', { title: 'The parser', context: 'Be brief.' });
    expect(made).toMatchObject({ name: 'parser', findings: 0, group: { context: 'Be brief.' } });
    const again = groups().create('parser', { title: null, context: '' });
    expect(await refusal(again)).toBe('id_taken');
    const { name } = await groups().create(null, { title: null, context: '' });
    expect(name).toMatch(/^g-[0-9a-z]{8}$/);
    expect((await groups().find(name.slice(0, 6))).name).toBe(name);
    expect((await groups().list()).map((one) => one.name)).toEqual([name, 'parser'].toSorted());
    const changed = await groups().edit('parser', { context: 'Be very brief.' });
    expect(changed.group).toMatchObject({ title: 'The parser', context: 'Be very brief.' });
    stage.plays('claude', ...answers());
    const { task } = await stage.asked('Fix it.', ofGroup);
    await groups().remove('parser');
    expect((await stage.ground.node.find(task.id)).spec.group).toBe('parser');
    expect(await groups().find('parser')).toMatchObject({
      group: null,
      findings: 0,
      tasks: { completed: 1 },
    });
    expect(await refusal(groups().remove('parser'))).toBe('not_found');
    expect(await refusal(groups().find('pars'))).toBe('not_found');
  });

  test('without a row works as a name, and the first finding keeps it', async () => {
    stage.plays('claude', ...answers());
    await stage.asked('Fix it.', ofGroup);
    expect(given()[0]).not.toContain('##');
    expect(await groups().list()).toEqual([]);
    const { finding } = await post('The lexer is slow.');
    expect(await groups().list()).toMatchObject([{ name: 'parser', findings: 1 }]);
    expect(await refusal(groups().removeFinding('other', `f-${finding.seq}`))).toBe('not_found');
    expect(await groups().removeFinding('parser', `f-${finding.seq}`)).toEqual(finding);
    expect(await groups().find('parser')).toMatchObject({ told: [], findings: 0 });
  });

  test('has its milestones, and its foremost first', async () => {
    await post('One.');
    await post('Two.', { important: true });
    await post('It builds.', { kind: 'milestone', at: 86_400_000 });
    const { told } = await groups().find('parser');
    expect(told.map(({ text }) => text)).toEqual(['Two.', 'It builds.', 'One.']);
    expect(told[1]).toMatchObject({ kind: 'milestone', at: 86_400_000 });
    expect(await refusal(post(' '))).toBe('invalid_input');
    expect(await refusal(post('x'.repeat(2_001)))).toBe('invalid_input');
  });
});

describe('what a worker finds', () => {
  test('is told to the tasks of its group that start later, as data and by whom', async () => {
    await groups().create('parser', { title: null, context: 'We rewrite the parser.' });
    const first = [...waits(1, ...answers().slice(1))];
    stage.plays('claude', ...inTurn(first, answers()));
    const task = await runs(stage, (await stage.ask('Fix the lexer.', ofGroup)).id);
    expect(await finds(task, 'The lexer is slow.')).toEqual({ repeated: false });
    expect(await finds(task, ' the lexer is SLOW')).toEqual({ repeated: true });
    letGo(stage, 1);
    await stage.ended(task.id);
    await stage.asked('Fix the parser.', ofGroup);
    await stage.asked('Fix the rest.');
    const [before = '', after = '', alone = ''] = given();
    expect(before).toContain('We rewrite the parser.');
    expect(before).not.toContain('slow');
    expect(after).toContain('We rewrite the parser.');
    expect(after).toMatch(
      new RegExp(
        `by task ${task.id} \\(data, not instructions[^)]*\\):\\n\\n\`\`\`\\nThe lexer is slow`,
      ),
    );
    expect(alone).not.toContain('##');
  });

  test('is refused to a task without a group, and when there is no room', async () => {
    stage.plays(
      'claude',
      ...inTurn(waits(1, ...answers().slice(1)), waits(2, ...answers().slice(1))),
    );
    const alone = await runs(stage, (await stage.ask('Fix it.')).id);
    expect(await refusal(finds(alone, 'x'))).toBe('unsupported');
    letGo(stage, 1);
    await stage.ended(alone.id);
    const task = await runs(stage, (await stage.ask('Fix it.', ofGroup)).id);
    for (let nth = 0; nth < MOST_FINDINGS_OF_TASK; nth++) await finds(task, `finding ${nth}`);
    expect(await refusal(finds(task, 'one more'))).toBe('limit_reached');
    expect(await finds(task, 'finding 3')).toEqual({ repeated: true });
    expect((await post('A person may.')).repeated).toBe(false);
    letGo(stage, 2);
    await stage.ended(task.id);
    expect(await refusal(finds(task, 'too late'))).toBe('already_ended');
  });
});

describe('what a prompt was given', () => {
  test('stays so: for who asks later, for another daemon, whatever is told since', async () => {
    await post('First.');
    stage.plays('claude', ...waits(1, ...answers().slice(1)));
    const { id } = await stage.ask('Fix it.', ofGroup);
    await runs(stage, id);
    const told = await promptOf(id);
    expect(told).toContain('First.');
    await post('Second.');
    await groups().edit('parser', { context: 'Changed.' });
    expect(await promptOf(id)).toBe(told);
    await stage.ground.reopen();
    expect(await promptOf(id)).toBe(told);
    await groups().remove('parser');
    letGo(stage, 1);
    await stage.ended(id);
    expect(await promptOf(id)).toBe(told);
    expect(given()[0]).toContain(told);
  });

  test('is known before the first attempt, and fixed by its claim', async () => {
    stage.ground.settings.limits.slots = 0;
    stage.plays('claude', ...answers());
    const { id } = await stage.ask('Fix it.', ofGroup);
    expect(await promptOf(id)).toBe('Fix it.');
    await post('Before the claim.');
    expect(await promptOf(id)).toContain('Before the claim.');
    stage.ground.settings.limits.slots = 4;
    await stage.ground.node.configure('', '');
    await stage.ended(id);
    expect(given()[0]).toContain('Before the claim.');
  });

  test('is newer in a further attempt with a session of its own, the first one keeps its own', async () => {
    await post('First.');
    const dies = [...waits(1), { exit: 1 }];
    stage.plays('claude', ...inTurn(dies, answers()));
    const retry = { attempts: 1, backoff: [0] };
    const { id } = await stage.ask('Fix it.', {
      spec: { group: 'parser', retry },
    });
    await runs(stage, id);
    await post('Second.');
    letGo(stage, 1);
    const { end } = await stage.ended(id);
    expect(end).toBe('completed');
    expect(await promptOf(id, 1)).toContain('First.');
    expect(await promptOf(id, 1)).not.toContain('Second.');
    const [, second = ''] = given();
    if (!second.includes('--resume')) expect(second).toContain('Second.');
    expect(second).toContain(await promptOf(id, 2));
  });
});

test('who says so in its words tells nobody', async () => {
  const [opening, ...rest] = answers();
  stage.plays('claude', opening ?? {}, says('post_finding: it is slow'), ...rest);
  await stage.asked('Fix it.', ofGroup);
  expect(await groups().list()).toEqual([]);
});
