import { expect } from 'vitest';
import type { Client, Output, Verb } from '../../src/interfaces/client/index.ts';

/** Calls a verb, and checks that its answer is what its schema says. */
type Checked = <K extends Verb>(verb: K, ...given: Parameters<Client[K]>) => Promise<Output<K>>;

/** Every verb about watches and input. */
export async function callWatchVerbs(checked: Checked): Promise<void> {
  const { id } = await checked('submit', { command: 'cat', cwd: '/', input: true });
  const watch = await checked('watch', { id, match: '/ü+/i', stream: 'output', once: true });
  expect(watch).toMatchObject({ taskId: id, match: '/ü+/i', on: null, once: true, matches: 0 });
  const event = await checked('watch', { id, on: 'tool_finished', fromStart: true });
  expect((await checked('watches', { task: id })).watches).toHaveLength(2);
  expect((await checked('removeWatch', { id: watch.id })).id).toBe(watch.id);
  expect((await checked('watches')).watches).toEqual([event]);
  await expect(checked('watch', { id })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(checked('input', { id, text: 'yes' })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('does not run yet') as string,
  });
  for (const given of [{}, { text: 'a', base64: 'YQ==' }, { base64: 'ü' }])
    await expect(checked('input', { id, ...given })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  await checked('kill', { id });
}
