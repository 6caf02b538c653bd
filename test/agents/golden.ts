import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Agent } from '../../src/ports/agent.ts';
import { comesTo, recording, runsOf } from './recordings.ts';

/**
 * Every recording of a CLI comes to what its golden table says. The table was read through by a person;
 * `UPDATE_GOLDEN=1` writes it anew, for the diff to be read through again.
 */
export function goldenTable(cli: string, agent: Agent): void {
  const path = join(import.meta.dirname, 'golden', `${cli}.json`);
  const runs = runsOf(cli);
  const seen = (run: string) => comesTo(agent, recording(cli, run));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    const table = Object.fromEntries(runs.map((run) => [run, seen(run)]));
    fs.writeFileSync(path, `${JSON.stringify(table, null, 1)}\n`);
  }
  const golden = JSON.parse(fs.readFileSync(path, 'utf8')) as Record<string, unknown>;
  test(`the golden table of ${cli} has every recording`, () => {
    expect(Object.keys(golden).toSorted()).toEqual(runs);
  });
  test.each(runs)(`${cli}/%s`, (run) => {
    expect(seen(run)).toEqual(golden[run]);
  });
}
