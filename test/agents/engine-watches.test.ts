/** Watches over what agents do: their events, each once, whoever reads them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewWatch } from '../../src/engine/facade.ts';
import { call, returned } from './claude-lines.ts';
import { ends, line, opens, openStage, says, type Stage, type Step } from './ground.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(async () => {
  await stage.close();
  expect(stage.ground.faults).toEqual([]);
});

const PAUSE: Step = { wait_for: '{{cwd}}/go' };
const goOn = (): void => writeFileSync(join(stage.cwd, 'go'), '');
const watch = (id: string, asked: Partial<NewWatch>) =>
  stage.ground.node.watches.add(id, {
    match: null,
    on: null,
    stream: null,
    once: false,
    fromStart: false,
    ...asked,
  });
const told = async (): Promise<string[]> =>
  (await stage.ground.ports.store.inbox({ owner: 'cli:1000', limit: 99 })).flatMap((one) =>
    one.kind === 'match' ? [one.preview.replace(/^w-\w+ found /, '')] : [],
  );
const over = () =>
  stage.wait(
    'they are over',
    async () => (await stage.ground.node.watches.list(null)).length === 0,
  );

test('events of the kind, with the text that is looked for; also after a restart', async () => {
  stage.plays(
    'claude',
    opens(),
    line(call('Bash', { command: 'npm test' }, 'c1')),
    line(returned({ tool_use_id: 'c1', content: 'fine' })),
    PAUSE,
    line(call('Read', { file_path: '/x' }, 'c2')),
    says('Half way.'),
    ends({ result: 'Half way.' }),
  );
  const { id } = await stage.ask('Fix it.');
  await watch(id, { on: 'tool_started', fromStart: true });
  await watch(id, { on: 'tool_started', match: 'Read', once: true });
  await watch(id, { on: 'text', match: '/^half/i' });
  await watch(id, { match: 'num_turns' });
  await stage.wait('the first is told', async () => (await told()).length === 1);
  expect((await told())[0]).toMatch(/^tool_started: Bash npm test/);
  await stage.ground.reopen();
  await stage.ground.reopen(async () => goOn());
  await stage.ended(id);
  await over();
  const all = (await told()).sort();
  expect(all.slice(1)).toEqual([
    'text with /^half/i: Half way.',
    'tool_started with "Read": Read /x',
    expect.stringMatching(/^tool_started: (Read|Bash) /),
    expect.stringMatching(/^tool_started: (Read|Bash) /),
  ]);
  expect(all[0]).toMatch(/^"num_turns": .*"num_turns":1/s);
});

test('an agent that is refused input says what there is in its place', async () => {
  stage.plays('claude', opens(), PAUSE, ends({ result: 'Done.' }));
  const { id } = await stage.ask('Fix it.');
  await stage.once(id, ({ state }) => state === 'running');
  const sent = { data: new TextEncoder().encode('hi\n'), end: false };
  await expect(
    stage.ground.node.inputs.send(id, sent, new AbortController().signal),
  ).rejects.toMatchObject({ code: 'unsupported', hint: expect.stringContaining('tend answer') });
  goOn();
  await stage.ended(id);
});
