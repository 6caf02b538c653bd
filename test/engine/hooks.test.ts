import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isEnded, type Task } from '../../src/domain/task.ts';
import { until } from '../cli/home.ts';
import { asks, makeYard, verify, type Yard } from './yard.ts';
import { type HookGround, openHookGround } from './hooks-ground.ts';

let at: HookGround;
let yard: Yard;
beforeEach(async () => {
  yard = makeYard();
  at = await openHookGround();
});
afterEach(async () => {
  await at.close();
  yard.remove();
  expect(at.faults()).toEqual([]);
});

const settled = async (task: Task): Promise<Task> => {
  const [ended] = await at.ground.settled(task.id);
  if (ended === undefined) throw new Error('no task');
  return ended;
};
const end = (task: Task): string => `${task.state}${'reason' in task ? ` ${task.reason}` : ''}`;

describe('before a run', () => {
  test('the hook is asked with the task on its stdin, and lets it start', async () => {
    at.hooks('person', { before_run: 'cat >>told; env >environment' });
    const task = await at.ground.submit('echo ran >ran', { cwd: at.folder, title: 'se\ncret' });
    expect(end(await settled(task))).toBe('completed');
    const [told, ...others] = at.told();
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      id: `h-${task.id}.${Math.floor(task.createdAt).toString(36)}.1.before_run`,
      kind: 'before_run',
      task: {
        id: task.id,
        state: 'claimed',
        cwd: at.folder,
        title: 'se\ncret',
        work: { kind: 'command', command: 'echo ran >ran' },
      },
    });
    const environment = fs.readFileSync(join(at.folder, 'environment'), 'utf8');
    expect(environment).toContain(`TEND_HOOK=before_run\n`);
    expect(environment).toContain(`TEND_HOOK_TASK=${task.id}\n`);
    expect(environment).not.toMatch(/cret|TEND_TASK_ID|echo ran/);
  });

  test('a veto cancels the task with its reason: nothing ran, nothing is tried again', async () => {
    at.hooks('person', { before_run: 'cat >>told; echo "not on a Friday"; exit 1' });
    const spec = { cwd: at.folder, retry: { attempts: 3, backoff: [0] } };
    const task = await settled(await at.ground.submit('echo ran >ran', spec));
    expect(end(task)).toBe('cancelled policy');
    expect(task.attempt).toMatchObject({
      number: 1,
      outcome: { kind: 'stopped', reason: 'policy' },
      beforeRun: { veto: 'before_run: not on a Friday' },
      output: { preview: 'before_run: not on a Friday' },
    });
    expect(fs.existsSync(join(at.folder, 'ran'))).toBe(false);
    expect(at.told()).toHaveLength(1);
    const [told] = await at.completions(task.id);
    expect(told).toMatchObject({ kind: 'completion', preview: 'before_run: not on a Friday' });
  });

  test.each([
    ['says nothing', 'exit 7', 'before_run: exited with code 7'],
    ['is not there', ['/no/such/hook'], /^before_run: .*not found/],
    ['hangs', 'sleep 900', 'before_run: took longer than 1 s and was killed'],
    ['floods', 'yes', 'before_run: wrote too much and was killed'],
  ])('a hook that %s is a veto', async (_, command, reason) => {
    at.hooks('person', { before_run: command });
    const task = await settled(await at.ground.submit('true', { cwd: at.folder }));
    expect(end(task)).toBe('cancelled policy');
    expect(task.attempt?.beforeRun?.veto).toMatch(reason);
  });

  test('both the person and the project may say no, the person first', async () => {
    at.hooks('person', { before_run: 'echo person >>who' });
    at.hooks('project', { before_run: 'echo project >>who; echo no; exit 1' });
    const task = await settled(await at.ground.submit('true', { cwd: at.folder }));
    expect(end(task)).toBe('cancelled policy');
    expect(fs.readFileSync(join(at.folder, 'who'), 'utf8')).toBe('person\nproject\n');
  });

  test('the work tree is made after its yes, and not at all after its no', async () => {
    const tree = (id: string): boolean => yard.git('branch', '--list', `tend/${id}`) !== '';
    at.hooks('person', { before_run: `test "$(cat "${at.folder}/say")" = yes` });
    const spec = { cwd: yard.root, workspace: yard.workspace() };
    fs.writeFileSync(join(at.folder, 'say'), 'no');
    const no = await settled(await at.ground.submit('echo x >>a.txt', spec));
    expect([end(no), tree(no.id)]).toEqual(['cancelled policy', false]);
    fs.writeFileSync(join(at.folder, 'say'), 'yes');
    const yes = await settled(await at.ground.submit('echo x >>a.txt', spec));
    expect([end(yes), tree(yes.id)]).toEqual(['completed', true]);
  });

  test('each attempt is asked for, the checks of its work are not', async () => {
    at.hooks('person', { before_run: 'cat >>told' });
    const again = { cwd: at.folder, retry: { attempts: 1, backoff: [0] } };
    const task = await settled(await at.ground.submit('exit 1', again));
    expect(end(task)).toBe('failed exit_code');
    expect(at.told().map(({ id }) => id.split('.').slice(2).join('.'))).toEqual([
      '1.before_run',
      '2.before_run',
    ]);
    fs.rmSync(join(at.folder, 'told'));
    const verified = {
      cwd: yard.root,
      workspace: yard.workspace(),
      checks: asks({ verify: verify('true') }),
    };
    await settled(await at.ground.submit('echo x >>a.txt', verified));
    expect(at.told()).toHaveLength(1);
  });

  test('a task that is stopped meanwhile is stopped; a hook that hangs delays no other task', async () => {
    at.hooks('person', { before_run: 'grep -q slow && sleep 900; exit 0' });
    const slow = await at.ground.submit('echo slow', { cwd: at.folder });
    const quick = await at.ground.submit('echo quick', { cwd: at.folder });
    expect(end(await settled(quick))).toBe('completed');
    await at.ground.stop(slow.id);
    expect(end(await settled(slow))).toBe('cancelled user');
  });
});

describe('a daemon that ends', () => {
  test('while a hook is asked asks it again, under the same id', async () => {
    at.hooks('person', { before_run: 'cat >>told; test -e go || sleep 900' });
    const task = await at.ground.submit('true', { cwd: at.folder });
    await until('it was asked', () => at.told().length === 1);
    await at.reopen();
    fs.writeFileSync(join(at.folder, 'go'), '');
    expect(end(await settled(task))).toBe('completed');
    const ids = at.told().map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(1);
  });

  test('after the answer was stored does not ask again', async () => {
    at.hooks('person', { before_run: 'cat >>told' });
    const task = await at.ground.submit('exec sleep 900', { cwd: at.folder });
    await at.ground.reaches(task.id, 'running');
    await at.reopen();
    await at.ground.stop(task.id);
    await settled(task);
    expect(at.told()).toHaveLength(1);
  });
});

describe('after an end', () => {
  test('hooks are told of every end, of bad ones, and of questions, whatever the task says', async () => {
    at.hooks('person', { after_end: 'cat >>ends', on_fail: 'cat >>fails' });
    at.hooks('project', { on_question: 'cat >>questions', after_end: 'cat >>others' });
    const spec = { cwd: at.folder, notify: 'never' } as const;
    const good = await settled(await at.ground.submit('true', spec));
    const bad = await settled(await at.ground.submit('exit 2', spec));
    const asked = await at.ground.submit('echo x >>a.txt', {
      cwd: yard.root,
      workspace: yard.workspace(),
      checks: asks({ review: true }),
      notify: 'never',
    });
    await until('all are told', () => at.told('others').length >= 2 && at.told('ends').length >= 2);
    await until('the question is told', () => at.told('questions').length === 1);
    await until('the failure is told', () => at.told('fails').length === 1);
    const idsIn = (file: string) => at.told(file).map(({ task }) => task.id);
    expect(new Set(idsIn('ends'))).toEqual(new Set([good.id, bad.id]));
    expect(idsIn('fails')).toEqual([bad.id]);
    expect(idsIn('questions')).toEqual([asked.id]);
    expect(at.told('fails')[0]).toMatchObject({ kind: 'completion', task: { exitCode: 2 } });
    await at.ground.node.work.accept(asked.id);
    await settled(asked);
  });

  test('one that fails is called again under the same id until it takes it', async () => {
    at.hooks('person', { after_end: 'cat >>ends; test -e go' });
    const task = await settled(await at.ground.submit('true', { cwd: at.folder }));
    await until('it was told', () => at.told('ends').length === 1);
    const deliveryOf = async () =>
      (await at.ground.ports.store.deliveries(task.id)).find((one) =>
        one.subscriber.startsWith('hook:'),
      );
    await until('the failure is stored', async () => (await deliveryOf())?.tries === 1);
    expect((await deliveryOf())?.lastError).toBe('the hook after_end exited with code 1');
    fs.writeFileSync(join(at.folder, 'go'), '');
    at.ground.jump(60_000);
    await at.ground.submit('true', { cwd: at.folder });
    await until('it was taken', async () => typeof (await deliveryOf())?.deliveredAt === 'number');
    const ids = at.told('ends').map(({ id }) => id);
    expect(ids.filter((id) => id === (ids[0] ?? '')).length).toBeGreaterThan(1);
  });

  test('a hook that was taken out of the configuration is kept as undelivered', async () => {
    at.hooks('person', { after_end: 'exit 1' });
    const task = await settled(await at.ground.submit('true', { cwd: at.folder }));
    const errors = async () =>
      (await at.ground.ports.store.deliveries(task.id)).map(({ lastError }) => lastError);
    await until('it was told', async () => (await errors()).some((error) => error !== null));
    at.hooks('person', {});
    at.ground.jump(60_000);
    await at.ground.submit('true', { cwd: at.folder });
    const error = 'no hook after_end is configured any more';
    await until('it was tried', async () => (await errors()).includes(error));
    expect(isEnded(task)).toBe(true);
  });
});
