import { expect, test } from 'vitest';
import { house, post } from './harness.ts';
import { running } from './worker-verbs.ts';

async function asked(within?: string) {
  const at = await house();
  const { client, engine } = at;
  const submitted = await client.submit({ command: 'true', cwd: '/' });
  const { task, token } = await running(engine, submitted.id);
  const { question } = await client.workerAsk({
    token,
    question: 'Which one?',
    options: ['this'],
    ...(within !== undefined && { within }),
  });
  return { ...at, task, token, question };
}

const path = (id: string): string => `/v1/questions/${encodeURIComponent(id)}/answer`;

test('a question is listed, answered once, and then stands as it was answered', async () => {
  const { client, socket, task, question } = await asked();
  const { questions } = await client.questions({});
  expect(questions).toMatchObject([
    {
      id: question.id,
      taskId: task.id,
      question: 'Which one?',
      options: ['this'],
      state: 'open',
      kind: 'worker',
      default: null,
    },
  ]);
  expect(await client.show({ id: task.id })).toMatchObject({
    question: { id: question.id, state: 'open' },
    finish: null,
    progress: null,
    gaps: [],
  });
  const first = await post(socket, path(question.id), { text: 'this' });
  expect(first.status).toBe(200);
  expect(first.json()).toMatchObject({
    question: { state: 'answered', answer: { text: 'this' } },
    task: { id: task.id, question: { answer: { text: 'this' } } },
  });
  const second = await post(socket, path(task.id), { text: 'that' });
  expect(second.status).toBe(409);
  expect(second.json()).toMatchObject({
    code: 'already_answered',
    detail: expect.stringContaining('"this"'),
  });
  expect((await client.questions({})).questions).toEqual([]);
  expect((await client.questions({ all: true })).questions).toHaveLength(1);
  expect((await client.questions({ task: task.id, all: true })).questions).toHaveLength(1);
  expect((await client.questions({ owner: 'nobody', all: true })).questions).toEqual([]);
});

test('what cannot be answered says why', async () => {
  const { socket, task, question } = await asked('1ms');
  const statuses = async (id: string, body: object = { text: 'this' }) =>
    (await post(socket, path(id), body)).status;
  await expect.poll(() => statuses(question.id)).toBe(410);
  expect(await statuses(task.id)).toBe(410);
  expect(await statuses('t-none')).toBe(404);
  expect(await statuses(question.id.replace(/1$/, '7'))).toBe(404);
  expect(await statuses(question.id, { text: '  ' })).toBe(400);
  expect(await statuses(question.id, {})).toBe(400);
  expect(await statuses('a\nb')).toBe(400);
});

test('the verbs of a worker take its token in the body alone', async () => {
  const { client, socket, task, token } = await asked();
  const status = async (verb: string, body: object) =>
    (await post(socket, `/v1/worker/${verb}`, body)).status;
  expect((await client.workerTask({ token })).id).toBe(task.id);
  for (const verb of ['task', 'ask', 'finish', 'progress', 'permit', 'memory', 'finding'])
    expect(await status(verb, {})).toBe(400);
  expect(await status('task', { token: 'tw1.wrong' })).toBe(401);
  await client.workerProgress({ token, text: 'half', percent: 50 });
  expect(await status('finish', { token, result: 'done' })).toBe(409);
  expect((await client.show({ id: task.id })).progress).toMatchObject({
    text: 'half',
    percent: 50,
  });
});

test('a worker tells its result and what is not met', async () => {
  const { client, socket, task, token, question } = await asked();
  await client.answer({ id: question.id, text: 'this', by: 'claude:s-1' });
  const checks = [{ requirement: 'docs', met: false }];
  await client.workerFinish({ token, result: 'done', summary: 'all', checks });
  const again = await post(socket, '/v1/worker/finish', { token, result: 'other' });
  expect([again.status, again.json()['code']]).toEqual([409, 'already_finished']);
  expect(await client.show({ id: task.id })).toMatchObject({
    answer: 'done',
    finish: { summary: 'all', checks: [{ requirement: 'docs', met: false, evidence: '' }] },
    gaps: ['docs'],
    question: { answer: { by: 'claude:s-1' } },
  });
});

test('who follows events hears what was asked and told, and may go on where it was', async () => {
  const { client, token, task } = await asked();
  const stop = new AbortController();
  const heard: string[] = [];
  const following = (async () => {
    for await (const { event, data } of client.events({}, { signal: stop.signal })) {
      heard.push(event);
      if (data.taskId === task.id) stop.abort();
    }
  })().catch(() => undefined);
  await expect
    .poll(async () => {
      await client.workerProgress({ token, text: 'half' });
      return heard.length;
    })
    .toBeGreaterThan(0);
  stop.abort();
  await following;
  expect(heard[0]).toBe('progress');
});
