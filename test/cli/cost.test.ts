import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Output, Task } from '../../src/interfaces/client/index.ts';
import { answers, ends, opens, says } from '../agents/ground.ts';
import { AgentHome } from './agent-home.ts';
import { until } from './home.ts';

type Report = Output<'cost'>;

const stage = new AgentHome();
const { home } = stage;
const configured = async (text: string): Promise<void> => {
  await home.out('daemon', 'stop');
  writeFileSync(join(home.path, 's/config.toml'), text, { mode: 0o600 });
};
const run = async (...words: string[]): Promise<void> => {
  expect((await stage.run(['--wait', ...words])).code).toBe(0);
};

beforeAll(async () => {
  stage.plays('claude', ...answers());
  await run('--group', 'nightly', 'claude', 'Fix it');
  await run('claude', 'Fix it');
  stage.plays('claude', opens(), says('Done.'), ends({ total_cost_usd: undefined }));
  await run('--max-cost', '0.5', 'claude', 'Fix it');
});
afterAll(() => stage.close());

describe('what agents have cost', () => {
  test('as a table with bars; what is unknown is no number, and counts as its ceiling', async () => {
    const lines = (await home.out('cost')).trimEnd().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^since \d{4}-\d\d-\d\d 00:00:00, by agent$/) as unknown,
      expect.stringMatching(/^agent +cost +unknown +tasks +tokens$/) as unknown,
      expect.stringMatching(/^claude +\$0\.50 +\? \$0\.50 +3 +60 +#{15}\?{15}$/) as unknown,
      expect.stringMatching(/^total +\$0\.50 +\? \$0\.50 +3 +60$/) as unknown,
      '? 1 attempt did not tell the cost: $0.50 at most, and counted as that',
      '# known  ? unknown, as its ceiling  + reserved for what runs',
    ]);
    expect(await home.out('cost', '-q')).toBe('1.00\n');
  });

  test.each([
    ['group', ['no group', 'nightly']],
    ['owner', ['cli:']],
  ])('told apart by %s', async (by, expected) => {
    const rows = (await home.out('cost', '--by', by)).split('\n').slice(2);
    for (const [at, start] of expected.entries()) expect(rows[at]).toMatch(new RegExp(`^${start}`));
  });

  test('as JSON', async () => {
    const report = await home.json<Report>('cost', '--by', 'task', '--since', '1h');
    expect(report).toMatchObject({
      by: 'task',
      total: { costUsd: 1, knownUsd: 0.5, unknown: 1, unknownUsd: 0.5, attempts: 3, tasks: 3 },
      budgets: [],
      more: false,
    });
    expect(report.shares).toHaveLength(3);
    const days = await home.json<Report>('cost', '--by', 'day');
    expect(days.shares).toMatchObject([{ costUsd: 1 }]);
    expect(days.shares[0]?.key).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  test('on a terminal in colours, in no more than its columns', async () => {
    const shown = async (env: Record<string, string>): Promise<string> => {
      const { result } = home.startOnTerminal(['cost'], { env });
      return (await result).stdout;
    };
    const coloured = await shown({});
    expect(coloured).toContain('\u001b[32m');
    expect(coloured).toContain('▒');
    const plain = await shown({ NO_COLOR: '1' });
    expect(plain).not.toContain('\u001b[');
    for (const line of plain.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('what is no time or no key is refused', async () => {
    expect(await home.tend(['cost', '--since', 'soon'])).toMatchObject({ code: 2 });
    expect(await home.tend(['cost', '--by', 'colour'])).toMatchObject({ code: 2 });
  });
});

describe('a budget', () => {
  test('is shown with what is left of it, and keeps what does not fit in the queue', async () => {
    await configured('[budgets.daily]\nusd = 2\nwindow = "month"\n');
    stage.plays('claude', { wait_for: stage.at('go') }, ...answers());
    const first = await stage.start('--max-cost', '0.8', 'claude', 'Fix it');
    const second = await stage.start('--max-cost', '0.8', 'claude', 'Fix it');
    const waiting = await until('the second waits', async () => {
      const task = await home.json<Task>('show', second);
      return task.queueReason === 'budget' ? task : null;
    });
    expect(waiting.state).toBe('queued');
    const { budgets } = await home.json<Report>('cost');
    expect(budgets).toMatchObject([
      { name: 'daily', level: 'warned', costUsd: 1.8, reservedUsd: 0.8, running: 1, limitUsd: 2 },
    ]);
    const text = await home.out('cost');
    expect(text).toMatch(/^daily per month +#+\?+\++\.+ +\$1\.80 of \$2\.00 +90% +in \d+[dhms]$/m);
    expect(text).toMatch(/^daily is nearly spent$/m);
    expect(await home.out('doctor')).toMatch(/^note +budget +\$1\.80 of the \$2\.00 of daily/m);

    await home.out('config', 'set', 'budgets.daily.usd', '1.5');
    expect(await home.out('cost')).toMatch(/^daily is spent: nothing of it starts before /m);
    expect((await home.tend(['doctor'])).code).toBe(1);

    await home.out('config', 'set', 'budgets.daily.usd', '9');
    writeFileSync(stage.at('go'), '');
    expect((await home.tend(['wait', first, second])).code).toBe(0);
    expect(await home.json<Report>('cost')).toMatchObject({ total: { knownUsd: 1, running: 0 } });
  });

  test('with a window that nobody knows is refused', async () => {
    const { code, stderr } = await home.tend([
      'config',
      'set',
      'budgets.daily.window',
      'fortnight',
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('must be one of "day", "week", "month", "ever"');
  });
});
