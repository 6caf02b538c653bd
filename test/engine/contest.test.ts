import { afterEach, beforeEach, expect, test } from 'vitest';
import { resultIn } from '../../src/domain/product.ts';
import { type Ground, openGround } from './ground.ts';
import { asks, endedOf, makeYard, verify, type Yard } from './yard.ts';

let ground: Ground;
let yard: Yard;

beforeEach(async () => {
  yard = makeYard();
  ground = await openGround();
});
afterEach(async () => {
  await ground.close();
  yard.remove();
  expect(ground.faults).toEqual([]);
});

const COMMAND =
  'if test -e score; then echo again >>score; else case $TEND_ATTEMPT_ID in *.2) echo 9;; *.3) exit 1;; *) echo 1;; esac >score; fi';

test('attempts that compete begin alike, the best is taken, and work on it goes on from there', async () => {
  const { id } = await ground.submit(COMMAND, {
    cwd: yard.root,
    workspace: yard.workspace(),
    checks: asks({
      bestOf: 3,
      metric: 'head -1 score',
      verify: verify('test $(ls | wc -l) = 2'),
      review: true,
    }),
  });
  const task = await ground.reaches(id, 'awaiting_review');
  const attempts = await ground.ports.store.endedAttempts(id);
  expect(attempts.map(({ workspace }) => workspace?.branch)).toEqual([
    `tend/${id}-1`,
    `tend/${id}-2`,
    `tend/${id}-3`,
  ]);
  expect(attempts.map(({ product }) => product?.metric)).toEqual([1, 9, undefined]);
  for (const { workspace } of attempts) expect(workspace?.prepared?.head).toBe(yard.base);
  const { product } = endedOf(task);
  if (product === undefined) throw new Error('no product');
  expect(product.best?.number).toBe(2);
  expect(resultIn(product).verification?.result).toBe('passed');
  const winner = attempts[1]?.product?.saved?.commit ?? '';
  const { work } = ground.node;
  const asked = { attempt: null, against: 'base', paths: [] } as const;
  expect(await work.changes(id, asked)).toMatchObject({ from: yard.base, to: winner });

  await work.reject(id, 'Go on.', false);
  await ground.reaches(id, 'awaiting_review');
  const last = (await ground.ports.store.endedAttempts(id)).at(-1);
  expect(last?.workspace).toMatchObject({
    branch: `tend/${id}`,
    prepared: { base: yard.base, head: winner },
  });
  const { saved } = last?.product ?? {};
  expect(yard.fileAt(saved?.commit ?? '', 'score')).toBe('9\nagain');
  expect(saved).toMatchObject({ change: { files: 1, insertions: 2 }, since: { insertions: 1 } });
  expect(await work.changes(id, { ...asked, against: 'previous' })).toMatchObject({ from: winner });
});
