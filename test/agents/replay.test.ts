import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AgentCatalog } from '../../src/adapters/agents/catalog.ts';
import { codex } from '../../src/adapters/agents/codex.ts';
import { replayFiles } from '../../src/engine/replay.ts';

const RUNS = join(import.meta.dirname, '../fixtures/recordings/codex');
const agents = new AgentCatalog([codex], () => ({ overrides: {}, custom: [] }));
/** Long after the recordings were made. */
const PLACE = { now: Date.parse('2027-06-01T00:00:00Z'), timeZone: 'UTC' };

const replayed = (run: string) =>
  replayFiles(
    agents,
    codex,
    {
      stdout: join(RUNS, run, 'stdout.jsonl'),
      stderr: join(RUNS, run, 'stderr.txt'),
      exit: { code: 1 },
      resumed: null,
    },
    PLACE,
  );

test.each([
  ['quota', '2026-11-21T01:48:00.000Z'],
  ['quota-weekly', '2026-11-24T13:08:00.000Z'],
])('a reset that %s told means the day on which it was told', async (run, until) => {
  const { outcome } = await replayed(run);
  expect(outcome).toMatchObject({
    kind: 'quota_exhausted',
    limit: { class: 'until', until: Date.parse(until) },
  });
});

test('a file that is not there is named', async () => {
  await expect(replayed('no-such-run')).rejects.toMatchObject({ code: 'not_found' });
});
