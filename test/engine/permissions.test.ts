import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PermissionLayer } from '../../src/domain/permission.ts';
import type { Task } from '../../src/domain/task.ts';
import { answers, inTurn, openStage, type Stage } from '../agents/ground.ts';
import { letGo, refusal, runs, tokenOf, waits } from './questions-ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  stage.ground.settings.workerTools = { command: '/node', args: ['tend'], env: {} };
  rules('ask');
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

function rules(
  otherwise: PermissionLayer['otherwise'],
  ...own: PermissionLayer['rules'][number][]
): void {
  stage.ground.settings.permissions = () => [{ from: 'config', otherwise, rules: own }];
}
const wants = (task: Task, command: string, more: object = {}) =>
  stage.ground.node.worker.permit(
    tokenOf(stage, task),
    { tool: 'Bash', subject: command },
    JSON.stringify({ command, ...more }),
  );
const answer = (task: Task, text: string) =>
  stage.ground.node.questions.answer(task.id, text, 'cli:7');
const trail = async (task: Task) =>
  (await stage.ground.ports.store.attempts(task.id)).flatMap((attempt) =>
    (attempt?.worker?.rulings ?? []).map(
      ({ subject, ruling, by }) => `${subject}: ${ruling} ${by}`,
    ),
  );

describe('what a worker may do', () => {
  beforeEach(() => stage.plays('claude', ...inTurn(waits(1, ...answers().slice(1)), answers())));

  test('follows the rules, and each ruling is kept', async () => {
    rules(
      'deny',
      { tool: 'Bash', match: 'git push*', decision: 'deny' },
      { tool: 'Bash', match: 'git *', decision: 'allow' },
    );
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    expect(await wants(task, 'git status')).toMatchObject({ ruling: 'allow', question: null });
    expect(await wants(task, 'git status; git push')).toMatchObject({ ruling: 'deny' });
    expect(await wants(task, 'rm -rf /')).toMatchObject({
      ruling: 'deny',
      reason: 'not allowed (config: default); do without it',
    });
    expect(await trail(task)).toEqual([
      'git status: allow config: Bash "git *" = allow',
      'git status; git push: deny config: Bash "git push*" = deny',
      'rm -rf /: deny config: default',
    ]);
    letGo(stage, 1);
    await stage.ended(task.id);
    expect(await trail(task)).toHaveLength(3);
  });

  test('is nothing that is told only in part', async () => {
    rules('deny', { tool: 'Bash', match: 'make', decision: 'allow' });
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const free = await wants(task, 'make', { dangerouslyDisableSandbox: true });
    expect(free.ruling).toBe('deny');
    letGo(stage, 1);
    await stage.ended(task.id);
  });

  test('is not asked for any more once the result is told', async () => {
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const told = { result: 'x', summary: '', checks: [], significance: '', notify: false };
    await stage.ground.node.worker.finish(tokenOf(stage, task), told);
    expect(await wants(task, 'make')).toMatchObject({ ruling: 'deny', question: null });
    letGo(stage, 1);
    await stage.ended(task.id);
  });
});

describe('a permission that a person is asked for', () => {
  async function parked(command: string): Promise<Task> {
    stage.plays(
      'claude',
      ...inTurn(
        waits(1, ...answers('I stop.').slice(1)),
        waits(2, ...answers('Done.').slice(1)),
        answers('Done again.'),
      ),
    );
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    const { ruling, question, reason } = await wants(task, command);
    expect([ruling, reason]).toEqual(['asked', expect.stringContaining('stop now')]);
    expect(question).toMatchObject({
      asker: 'permission',
      text: `May it use Bash ${command}?`,
      options: ['allow', 'allow always', 'deny'],
      act: { tool: 'Bash', subject: command },
    });
    expect(question?.context).toContain('"allow always" = commands that begin with');
    letGo(stage, 1);
    return stage.ground.reaches(task.id, 'awaiting_input');
  }

  test.each<[answer: string, same: string, alike: string]>([
    ['allow', 'allow', 'asked'],
    ['allow always', 'allow', 'allow'],
    ['deny', 'deny', 'asked'],
    ['only tomorrow', 'deny', 'asked'],
  ])('and grants (%s): the same act is %s, one like it %s', async (said, same, alike) => {
    const task = await parked('git push origin a');
    await answer(task, said);
    const again = await runs(stage, task.id, 2);
    expect((await wants(again, 'git push origin a')).ruling).toBe(same);
    expect((await wants(again, 'git push origin b')).ruling).toBe(alike);
    letGo(stage, 2);
    if (alike === 'asked') {
      await stage.ground.reaches(task.id, 'awaiting_input');
      await answer(task, 'deny');
    }
    expect((await stage.ended(task.id)).end).toBe('completed');
    expect((await trail(task)).map((line) => line.split(' ').slice(0, 5).join(' '))).toEqual([
      'git push origin a: asked',
      `git push origin a: ${same}`,
      `git push origin b: ${alike}`,
    ]);
  });

  test('is answered before its agent has stopped: it goes on at once', async () => {
    stage.plays('claude', ...inTurn(waits(1, ...answers().slice(1)), answers()));
    const task = await runs(stage, (await stage.ask('Fix it.')).id);
    await wants(task, 'make');
    await answer(task, 'allow');
    expect((await wants(task, 'make')).ruling).toBe('allow');
    letGo(stage, 1);
    expect((await stage.ended(task.id)).end).toBe('completed');
  });
});

describe('who asks', () => {
  const prompted = async (change: object = {}) => {
    stage.plays('claude', ...answers());
    await stage.asked('Fix it.', change);
    return stage.calls().at(-1)?.argv.includes('--permission-prompt-tool');
  };

  test.each<[PermissionLayer['otherwise'], boolean]>([
    ['ask', true],
    ['allow', true],
    ['deny', false],
  ])('is an agent that may be allowed something: default %s', async (otherwise, asks) => {
    rules(otherwise);
    expect(await prompted()).toBe(asks);
  });

  test('is one of a task that is to ask, whatever is configured', async () => {
    rules('deny');
    expect(await prompted({ askPermissions: true })).toBe(true);
  });

  test('is nobody with full permissions, and no agent that cannot', async () => {
    stage.plays('claude', ...answers());
    stage.plays('codex', ...answers());
    const full = stage.ask('Fix it.', { askPermissions: true, permissions: 'full' });
    expect(await refusal(full)).toBe('unsupported');
    const codex = stage.ask('Fix it.', { askPermissions: true, agent: 'codex' });
    expect(await refusal(codex)).toBe('unsupported');
  });
});

describe('a result that is required', () => {
  test('fails the task without it', async () => {
    stage.plays('claude', ...answers());
    const { end, outcome } = await stage.asked('Fix it.', { requireFinish: true });
    expect(end).toBe('failed no_final_answer');
    expect(outcome).toMatchObject({ message: expect.stringContaining('finish') });
    expect(stage.calls()[0]?.argv.join(' ')).toContain('without it the task counts as failed');
  });

  test('is refused where it cannot be told', async () => {
    stage.plays('claude', ...answers());
    stage.plays('droid', ...answers());
    const droid = stage.ask('Fix it.', { requireFinish: true, agent: 'droid' });
    expect(await refusal(droid)).toBe('unsupported');
    stage.ground.settings.workerTools = null;
    expect(await refusal(stage.ask('Fix it.', { requireFinish: true }))).toBe('unsupported');
  });
});
