import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ProcessTable } from '../../src/adapters/process/process-table.ts';
import { MARKER } from '../../src/adapters/process/run.ts';

/** Enough for a look to fall into the moment between an exec and its environment, before it was waited for. */
const BIRTHS = 300;

test('a process that is just being made is found', async () => {
  const table = new ProcessTable();
  const missed: string[] = [];
  for (let nth = 0; nth < BIRTHS; nth++) {
    const marker = `/births/${nth}`;
    const parent = spawn('/bin/sh', ['-c', 'setsid sleep 60 >/dev/null & echo $!'], {
      env: { PATH: process.env['PATH'], [MARKER]: marker },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let said = '';
    parent.stdout.on('data', (text: Buffer) => (said += String(text)));
    const closed = once(parent, 'close');
    await once(parent, 'exit');
    const found = await table.marked(marker);
    if (found.length === 0) missed.push(marker);
    await closed;
    process.kill(Number(said), 'SIGKILL');
  }
  expect(missed).toEqual([]);
});
