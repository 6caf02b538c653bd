import { expect } from 'vitest';
import type { Client, Output, Verb } from '../../src/interfaces/client/index.ts';

/** Calls a verb, and checks that its answer is what its schema says. */
type Checked = <K extends Verb>(verb: K, ...given: Parameters<Client[K]>) => Promise<Output<K>>;

/** Every verb about groups, memories and trusted projects. */
export async function callSharedVerbs(checked: Checked): Promise<void> {
  const group = await checked('createGroup', { name: 'a b/ü', context: 'Be brief.' });
  expect(group).toMatchObject({ name: 'a b/ü', kept: true, findings: 0 });
  const posted = { name: 'a b/ü', text: 'It is slow.', at: '2030-01-31T00:00:00Z' };
  const { finding } = await checked('postFinding', { ...posted, kind: 'milestone' });
  expect(await checked('postFinding', { ...posted, kind: 'milestone' })).toMatchObject({
    repeated: true,
    finding: { at: '2030-01-31T00:00:00.000Z', taskId: null },
  });
  expect((await checked('groups')).groups).toMatchObject([{ name: 'a b/ü', findings: 1 }]);
  expect((await checked('group', { name: 'a b/ü' })).told).toEqual([finding]);
  expect((await checked('editGroup', { name: 'a b/ü', title: 'T' })).title).toBe('T');
  const memory = await checked('addMemory', { from: finding.id, folder: '/a', expires: '1h' });
  expect(memory).toMatchObject({ text: 'It is slow.', from: { finding: finding.id } });
  expect((await checked('memories', { q: 'slow', folder: '/a/b' })).memories).toEqual([memory]);
  expect(await checked('memory', { id: memory.id.slice(0, 6) })).toEqual(memory);
  expect((await checked('removeMemory', { id: memory.id })).endedAt).not.toBeNull();
  expect((await checked('memories', {})).memories).toEqual([]);
  expect((await checked('memories', { all: true })).memories).toHaveLength(1);
  expect(await checked('removeFinding', { name: 'a b/ü', id: finding.id })).toEqual(finding);
  expect((await checked('removeGroup', { name: 'a b/ü' })).name).toBe('a b/ü');
  const nowhere = { code: 'not_found' };
  await expect(checked('projectTrust', { folder: '/' })).rejects.toMatchObject(nowhere);
  await expect(checked('trustProject', { folder: '/', hash: 'x' })).rejects.toMatchObject(nowhere);
  await expect(checked('distrustProject', { folder: '/' })).rejects.toMatchObject(nowhere);
}
