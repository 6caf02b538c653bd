/** Completions that ride on the answers of tools: told once, and lost by no crash. */
import { describe, expect, it } from 'vitest';
import { until } from '../cli/home.ts';
import { connect, killDaemon, open, openHome, run, type Said } from './ground.ts';

const told = ({ data }: Said): string[] =>
  ((data?.news ?? []) as { delivery: string }[]).map(({ delivery }) => delivery);

/** A host with a task that has ended and that nobody was told of. */
async function oneEnded() {
  const home = openHome();
  const host = await connect(home);
  const id = await run(host, 'echo done', { title: 'the work' });
  const [delivery] = await until('a delivery', async () => {
    const ids = await open(home);
    return ids.length > 0 ? ids : null;
  });
  return { home, host, id, delivery: delivery as string };
}

describe('news', () => {
  it('ride on the answer of any tool, once, and are acknowledged with the next request', async () => {
    const { home, host, id, delivery } = await oneEnded();
    const first = await host.call('task_list', {});
    expect(told(first)).toEqual([delivery]);
    expect(first.text).toContain(`News, told once:\n- ${id} "the work": ended, completed`);
    expect(await open(home)).toEqual([delivery]);
    const second = await host.call('task_list', {});
    expect(told(second)).toEqual([]);
    expect(await open(home)).toEqual([]);
  });

  it('ride on an answer that says what went wrong', async () => {
    const { host, delivery } = await oneEnded();
    const { isError, text } = await host.call('task_status', { id: 'nope' });
    expect(isError).toBe(true);
    expect(text).toContain(`[${delivery}]`);
  });

  it('are not told besides when the answer itself tells the end', async () => {
    const { home, host, id } = await oneEnded();
    const status = await host.call('task_status', { id });
    expect(told(status)).toEqual([]);
    expect(status.text).toContain('ended, completed');
    await host.call('task_list', {});
    expect(await open(home)).toEqual([]);
  });

  it('are told later when the call that would have told them was called off', async () => {
    const { home, host, delivery } = await oneEnded();
    const other = await connect(home, { env: { TEND_OWNER: 'host:two' } });
    const id = await run(other, 'sleep 60');
    const off = new AbortController();
    const waiting = host.client.callTool(
      { name: 'task_wait', arguments: { ids: [id] } },
      { signal: off.signal },
    );
    off.abort();
    await expect(waiting).rejects.toThrow();
    expect(told(await host.call('task_list', {}))).toEqual([delivery]);
  });

  it('come again with the same id when the server died before the next request', async () => {
    const { home, host, delivery } = await oneEnded();
    expect(told(await host.call('task_list', {}))).toEqual([delivery]);
    host.kill();
    const next = await connect(home);
    expect(told(await next.call('task_list', {}))).toEqual([delivery]);
    expect(told(await next.call('task_list', {}))).toEqual([]);
    expect(await open(home)).toEqual([]);
  });

  it('come once when the daemon died between the answer and the next request', async () => {
    const { home, host, delivery } = await oneEnded();
    expect(told(await host.call('task_list', {}))).toEqual([delivery]);
    await killDaemon(home);
    expect(told(await host.call('task_list', {}))).toEqual([]);
    expect(await open(home)).toEqual([]);
  });

  it('are for their owner, whichever of its clients asks first', async () => {
    const { home, host, delivery } = await oneEnded();
    const other = await connect(home, { env: { TEND_OWNER: 'host:two' } });
    expect(told(await other.call('task_list', {}))).toEqual([]);
    const twin = await connect(home);
    expect(told(await twin.call('task_list', {}))).toEqual([delivery]);
    // Not acknowledged yet: the first client would lose it if the twin died now.
    expect(told(await host.call('task_list', {}))).toEqual([delivery]);
    await twin.call('task_list', {});
    expect(await open(home)).toEqual([]);
    expect(told(await host.call('task_list', {}))).toEqual([]);
  });

  it('belong to the owner that the host fills in', async () => {
    const home = openHome();
    const host = await connect(home);
    await run(host, 'true', { owner: 'session:9' });
    await until('a delivery', async () => (await open(home, 'session:9')).length === 1);
    expect(told(await host.call('task_list', {}))).toEqual([]);
    expect(told(await host.call('task_list', { owner: 'session:9' }))).toHaveLength(1);
    await host.call('task_list', {});
    expect(await open(home, 'session:9')).toEqual([]);
  });

  it('are few at a time; the inbox has all of them, and takes acknowledgements', async () => {
    const home = openHome();
    const host = await connect(home);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push(await home.run('--', `echo ${n}`));
    await until('all deliveries', async () => (await open(home)).length === 5);
    const first = await host.call('task_output', { id: ids[0] });
    expect(told(first)).toHaveLength(3);
    expect(first.text).toContain('There is more: call inbox.');
    const inbox = await host.call('inbox', {});
    // The three were acknowledged with this call.
    expect(inbox.data.deliveries).toHaveLength(2);
    const [one] = inbox.data.deliveries as { delivery: string }[];
    const after = await host.call('inbox', { ack: [one?.delivery] });
    expect(after.data.deliveries).toEqual([]);
    expect(await open(home)).toEqual([]);
  });
});
