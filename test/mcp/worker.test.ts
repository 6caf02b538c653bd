import { describe, expect, it } from 'vitest';
import { until } from '../cli/home.ts';
import { killDaemon } from './ground.ts';
import { type Office, openOffice } from './worker-ground.ts';

const shown = (id: string, { agents }: Office): Promise<{ state: string }> =>
  agents.home.json('show', id);

describe('the tools of a worker', () => {
  it('ask a person, who answers through the host; the task goes on and ends, each told once', async () => {
    const office = await openOffice();
    const { host, work } = office;
    const worker = await work();
    const asked = await worker.call('ask_user', {
      question: 'Which colour?',
      options: ['red', 'blue'],
      context: 'The door.',
    });
    expect(asked.text).toMatch(/^A person is asked \(q-.*\).* Stop now: end your turn/s);
    // Asked again, it is the same question.
    const again = await worker.call('ask_user', { question: 'Which colour, then?' });
    expect(again.text.split(')')[0]).toBe(asked.text.split(')')[0]);
    worker.end();
    await until(
      'it is parked',
      async () => (await shown(worker.id, office)).state === 'awaiting_input',
    );
    await killDaemon(office.agents.home);
    const waited = await host.call('task_wait', { ids: [worker.id] });
    expect(waited.data).toMatchObject({
      timedOut: false,
      tasks: [{ state: 'awaiting_input', question: { question: 'Which colour?' } }],
    });
    expect(waited.text).toContain('Ask your user');
    const inbox = await host.call('inbox', {});
    const [question] = inbox.data.questions as { id: string; options: string[] }[];
    expect(question).toMatchObject({ options: ['red', 'blue'], taskId: worker.id });
    const answered = await host.call('question_answer', { question: question?.id, answer: 'blue' });
    expect(answered.text).toContain(`The answer to ${question?.id} is given.`);
    const twice = await host.call('question_answer', { question: question?.id, answer: 'red' });
    expect(twice.text).toContain('already_answered');
    const end = await host.call('task_wait', { ids: [worker.id] });
    expect(end.data.tasks).toMatchObject([{ verdict: 'delivered' }]);
    await host.call('task_list', {});
    const { data } = await host.call('inbox', {});
    expect(data).toMatchObject({ deliveries: [], questions: [] });
  });

  it('hand in a result, which is what the host is told, with its gaps', async () => {
    const { host, work } = await openOffice();
    const worker = await work();
    expect(await worker.tools()).toEqual([
      'ask_user',
      'finish',
      'report_progress',
      'read_memory',
      'post_finding',
    ]);
    expect((await worker.call('report_progress', { text: 'half', percent: 50 })).text).toBe(
      'Noted.',
    );
    const finished = await worker.call('finish', {
      result: 'The door is blue.',
      summary: 'Painted.',
      checks: [
        { requirement: 'It is blue.', met: true, evidence: 'I looked.' },
        { requirement: 'It is dry.', met: false },
      ],
    });
    expect(finished.text).toContain('1 of 2 requirements are shown as not met');
    const other = await worker.call('finish', { result: 'It is red.' });
    expect(other).toMatchObject({ isError: true });
    expect(other.text).toContain('already_finished');
    expect((await worker.call('ask_user', { question: 'And now?' })).text).toContain(
      'already_finished',
    );
    worker.end();
    const { data } = await host.call('task_wait', { ids: [worker.id] });
    expect(data.tasks).toMatchObject([{ state: 'completed', result: 'The door is blue.' }]);
  });

  it('outlive the daemon, and are worth nothing after the attempt', async () => {
    const office = await openOffice();
    const worker = await office.work();
    await killDaemon(office.agents.home);
    const pending = worker.call('report_progress', { text: 'still here' });
    await office.agents.home.tend(['daemon', 'start']);
    expect((await pending).text).toBe('Noted.');
    worker.end();
    await office.host.call('task_wait', { ids: [worker.id] });
    const late = await worker.call('finish', { result: 'late' });
    expect(late.text).toContain('already_ended');
  });

  it('refuse what is too long, in words for the model', async () => {
    const { work } = await openOffice();
    const worker = await work();
    const { isError, text } = await worker.call('ask_user', { question: 'x'.repeat(2_001) });
    expect(isError).toBe(true);
    expect(text).toContain('question');
    expect((await worker.call('finish', {})).text).toContain('result');
    worker.end();
  });

  it('ask for a permission, which a person gives, and refuse what cannot be decided', async () => {
    const { host, work } = await openOffice(ASKING);
    const worker = await work();
    expect(await worker.tools()).toContain('permit');
    const permit = async (tool: string, input: object) =>
      JSON.parse((await worker.call('permit', { tool_name: tool, input, tool_use_id: 'u' })).text);
    expect(await permit('Bash', { command: 'ls -l' })).toEqual({
      behavior: 'allow',
      updatedInput: { command: 'ls -l' },
    });
    expect(await permit('Bash', { command: 'rm x' })).toMatchObject({
      behavior: 'deny',
      interrupt: false,
    });
    const long = await permit('Bash', { command: `ls ${'x'.repeat(200_000)}` });
    expect(long).toMatchObject({ behavior: 'deny' });
    const write = { file_path: '/tmp/x', content: 'y'.repeat(200_000) };
    const asked = await permit('Write', write);
    expect(asked).toMatchObject({ behavior: 'deny', interrupt: true });
    expect(asked.message).toMatch(/A person is asked.*Stop now/s);
    const { data } = await host.call('inbox', {});
    expect(data.questions).toMatchObject([
      { kind: 'permission', options: ['allow', 'allow always', 'deny'] },
    ]);
    expect((await worker.call('permit', {})).text).toContain('"behavior":"deny"');
    worker.end();
  });
});

const ASKING = `
[permissions]
default = "ask"

[[permissions.rule]]
tool = "Bash"
match = "ls *"
do = "allow"

[[permissions.rule]]
tool = "Bash"
match = "rm *"
do = "deny"
`;
