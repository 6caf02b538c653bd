/** How an attempt ends is recorded exactly, under every shell that can run the wrapper. */
import * as fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { argv, eachOnGround, line } from './ground.ts';

const ENDS: [string, unknown][] = [
  ['exit 0', { code: 0 }],
  ['exit 1', { code: 1 }],
  ['exit 3', { code: 3 }],
  ['exit 125', { code: 125 }],
  ['exit 126', { code: 126 }],
  ['exit 127', { code: 127 }],
  ['exit 128', { code: 128 }],
  ['exit 129', { code: 129 }],
  ['exit 130', { code: 130 }],
  ['exit 137', { code: 137 }],
  ['exit 143', { code: 143 }],
  ['exit 255', { code: 255 }],
  ['kill -9 $$', { signal: 'SIGKILL' }],
  ['kill -15 $$', { signal: 'SIGTERM' }],
  ['kill -1 $$', { signal: 'SIGHUP' }],
  ['kill -3 $$', { signal: 'SIGQUIT' }],
  ['kill -10 $$', { signal: 'SIGUSR1' }],
];

/** A shell without job control cannot tell these from exits: they stay what `$?` says. */
const AMBIGUOUS: [string, unknown, unknown][] = [
  ['kill -2 $$', { signal: 'SIGINT' }, { code: 130 }],
  ['kill -13 $$', { signal: 'SIGPIPE' }, { code: 141 }],
];

const BUSYBOX = ['/bin/busybox', '/usr/bin/busybox'].find((path) => fs.existsSync(path));
if (BUSYBOX === undefined) process.stderr.write('ends under busybox: not tested, it is missing\n');

const SHELLS: [string, { solo?: string }][] = [
  ['bash', {}],
  ['sh', { solo: '/bin/sh' }],
];
if (BUSYBOX !== undefined) SHELLS.push(['busybox ash', { solo: `${BUSYBOX} ash` }]);

describe.each(SHELLS)('under %s', (shell, options) => {
  const ground = eachOnGround(options);

  test.each([
    ...ENDS,
    ...AMBIGUOUS.map(([command, exact, plain]) => [command, shell === 'bash' ? exact : plain]),
  ])('%s', async (command, end) => {
    expect(await ground().run(line(String(command)))).toEqual(end);
  });

  test('a program without a shell', async () => {
    expect(await ground().run(argv('true'))).toEqual({ code: 0 });
    expect(await ground().run(argv('false'))).toEqual({ code: 1 });
  });

  test('ends after the wrapper has waited a while', async () => {
    const exits = ['sleep 0.3; exit 137', 'sleep 0.3; kill -9 $$'].map((text) =>
      ground().run(line(text)),
    );
    expect(await Promise.all(exits)).toEqual([{ code: 137 }, { signal: 'SIGKILL' }]);
  });

  test('a wrapper that is asked to end goes on', async () => {
    const task = await ground().launch(line('sleep 0.4; exit 143'));
    const { pid } = await ground().alive(task);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(pid, signal);
    expect(await ground().exit(task)).toEqual({ code: 143 });
  });
});
