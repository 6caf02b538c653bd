/** bin/tend.cjs on a Node that is too old, with and without another Node at hand. */
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const BIN = join(import.meta.dirname, '../bin');

let root = '';

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tend-launcher-')));
  cpSync(BIN, join(root, 'bin'), { recursive: true });
  put('package.json', '{ "type": "module" }');
  put(
    'old.cjs',
    "Object.defineProperty(process, 'versions', { value: { node: '20.20.2', napi: '9' } });",
  );
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string, mode = 0o644): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), content, { mode });
}

const launcher = (): string => join(root, 'bin/tend.cjs');
const onOldNode = (): string[] => ['--require', join(root, 'old.cjs'), launcher()];
const env = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: join(root, 'home') });

function launch(args: readonly string[], extra: NodeJS.ProcessEnv = {}): SpawnSyncReturns<string> {
  const options = { encoding: 'utf8', env: { ...env(), ...extra } } as const;
  return spawnSync(process.execPath, args, options);
}

test('a new Node runs the command line with the compile cache in the user’s cache folder', () => {
  put(
    'dist/interfaces/cli/main.js',
    "console.log(process.argv.slice(2).join('|'));\nprocess.exitCode = 7;",
  );
  const { status, stdout, stderr } = launch([launcher(), 'run', '--', 'a b']);
  expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: 'run|--|a b\n', stderr: '' });
  expect(readdirSync(join(root, 'home/.cache/tend/compiled'))).not.toEqual([]);
});

test('a checkout that is not built says so in one line', () => {
  const { status, stderr } = launch([launcher()]);
  expect(status).toBe(125);
  expect(stderr).toMatch(/^tend: this checkout is not built[^\n]+npm run build\n$/);
});

test('an old Node hands over to the one in the package, arguments, exit code and all', () => {
  put('node_modules/.bin/node', '#!/bin/sh\necho "$TEND_LAUNCHED_BY" "$@"\nexit 7\n', 0o755);
  const { status, stdout } = launch([...onOldNode(), 'run', '--', 'a b']);
  expect(status).toBe(7);
  expect(stdout).toMatch(/^\d+ .*tend\.cjs run -- a b\n$/);
});

test('an old Node without another one says what to do in one line', () => {
  const { status, stdout, stderr } = launch([...onOldNode(), 'ls']);
  expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
  expect(stderr).toMatch(/^tend: needs Node\.js 22\.14 or newer[^\n]+npx -y -p node@24[^\n]+\n$/);
});

test('a hand-over to a Node that is just as old ends instead of looping', () => {
  put('node_modules/.bin/node', `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, 0o755);
  const { status, stderr } = launch([...onOldNode(), 'ls']);
  expect(status).toBe(125);
  expect(stderr.split('\n')).toHaveLength(2);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s reaches the command', async (signal) => {
  const script = `#!/bin/sh\ntrap 'exit 9' ${signal.slice(3)}\necho ready\nwhile :; do read -r _; done\n`;
  put('node_modules/.bin/node', script, 0o755);
  const child = spawn(process.execPath, onOldNode(), {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: env(),
  });
  await once(child.stdout, 'data');
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([9, null]);
});

test('a command that died of a signal makes the launcher die of it', () => {
  put('node_modules/.bin/node', '#!/bin/sh\nkill -TERM $$\n', 0o755);
  expect(launch(onOldNode())).toMatchObject({ status: null, signal: 'SIGTERM' });
});
