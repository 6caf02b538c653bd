import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachOnGround, gitIn } from './ground.ts';
import { Attempt } from './save-ground.ts';

const ground = eachOnGround();

test.each([
  ['a newline', 'a\nb'],
  ['quotes and a tab', `"a'\tb`],
  ['leading dashes', '--all'],
  ['what looks like a pathspec', ':(top)*'],
  ['a backslash', String.raw`a\b`],
  ['blanks and letters of elsewhere', ' ünï 文 '],
  ['a letter of four bytes', '🦊.txt'],
])('keeps a file whose name has %s', async (_, name) => {
  const attempt = new Attempt(ground());
  attempt.write({ [name]: 'x\n', [`folder ${name}/${name}`]: 'y\n' });

  const saved = await attempt.saved();

  expect(attempt.files(saved.commit)).toMatchObject({
    [name]: 'x',
    [`folder ${name}/${name}`]: 'y',
  });
  expect(saved.paths.map(({ path }) => path).toSorted()).toEqual(
    [name, `folder ${name}/${name}`].toSorted(),
  );
});

test('keeps a file whose name is no text', async () => {
  const attempt = new Attempt(ground());
  const name = Buffer.concat([Buffer.from(`${attempt.path}/x`), Buffer.from([0xff, 0xfe])]);
  fs.writeFileSync(name, 'x\n');

  const saved = await attempt.saved();

  const listed = execFileSync('git', ['ls-tree', '-z', saved.commit], { cwd: attempt.path });
  expect(listed.includes(Buffer.from([0x78, 0xff, 0xfe, 0x00]))).toBe(true);
  expect(saved.paths).toEqual([
    { path: 'x\u{FFFD}\u{FFFD}', kind: 'A', insertions: 1, deletions: 0 },
  ]);
});

test('keeps modes, links wherever they lead, and changes of type', async () => {
  const attempt = new Attempt(ground());
  const at = (name: string): string => join(attempt.path, name);
  fs.chmodSync(at('file.txt'), 0o755);
  fs.symlinkSync('/etc', at('outside'));
  fs.symlinkSync('nowhere', at('dangling'));
  fs.symlinkSync('.', at('loop'));
  fs.unlinkSync(at('src/a.txt'));
  fs.rmdirSync(at('src'));
  fs.symlinkSync('file.txt', at('src'));

  const saved = await attempt.saved();

  expect(gitIn(attempt.path, 'ls-tree', '-r', '--format=%(objectmode) %(path)', saved.commit)).toBe(
    '120000 dangling\n100755 file.txt\n120000 loop\n120000 outside\n120000 src',
  );
  expect(saved.paths.find(({ path }) => path === 'file.txt')).toMatchObject({ kind: 'M' });
});

test('takes no notice of what git cannot hold: pipes, sockets, empty folders', async () => {
  const attempt = new Attempt(ground());
  execFileSync('mkfifo', [join(attempt.path, 'pipe')]);
  fs.mkdirSync(join(attempt.path, 'empty/folder'), { recursive: true });
  attempt.write({ 'real.txt': 'r\n' });

  const saved = await attempt.saved();

  expect(saved.paths.map(({ path }) => path)).toEqual(['real.txt']);
  expect(fs.existsSync(join(attempt.path, 'pipe'))).toBe(true);
});

test('tells of a file that became a pipe that it is gone', async () => {
  const attempt = new Attempt(ground());
  fs.unlinkSync(join(attempt.path, 'file.txt'));
  execFileSync('mkfifo', [join(attempt.path, 'file.txt')]);

  const saved = await attempt.saved();

  expect(saved.on).toBe('branch');
  expect(await attempt.saved()).toEqual(saved);
});

test('keeps binary files, and a large one', async () => {
  const attempt = new Attempt(ground());
  attempt.write({ 'small.bin': Buffer.from([0, 1, 2, 255]) });
  const large = fs.openSync(join(attempt.path, 'large.bin'), 'w');
  const block = Buffer.alloc(1024 * 1024, 7);
  for (let nth = 0; nth < 100; nth++) fs.writeSync(large, block);
  fs.closeSync(large);

  const saved = await attempt.saved();

  expect(gitIn(attempt.path, 'cat-file', '-s', `${saved.commit}:large.bin`)).toBe(`${100 << 20}`);
  expect(saved.paths[1]).toEqual({
    path: 'small.bin',
    kind: 'A',
    insertions: null,
    deletions: null,
  });
});

test('takes files without line ends as they are, whatever the settings say', async () => {
  ground().git('config', 'core.autocrlf', 'input');
  ground().git('config', 'core.safecrlf', 'true');
  const attempt = new Attempt(ground());
  attempt.write({ 'crlf.txt': 'a\r\nb\r\n' });

  const saved = await attempt.saved();

  expect(saved.paths.map(({ path }) => path)).toEqual(['crlf.txt']);
});

test('keeps in the snapshot what only rules of the work itself make git ignore', async () => {
  ground().commit('ignoring', { '.gitignore': '*.log\n' });
  const attempt = new Attempt(ground());
  attempt.write({
    '.gitignore': '*.log\n*\n',
    'hidden.txt': 'h\n',
    'deep/hidden.txt': 'd\n',
    'file.txt': 'two\n',
    'node_modules/x/index.js': 'x\n',
  });

  const saved = await attempt.saved();

  expect(saved.paths.map(({ path }) => path)).toEqual(['.gitignore', 'file.txt']);
  expect(Object.keys(attempt.files(saved.snapshot)).toSorted()).toEqual(
    ['.gitignore', 'deep/hidden.txt', 'file.txt', 'hidden.txt', 'src/a.txt'].toSorted(),
  );
  expect(await attempt.saved()).toEqual(saved);
});

test('never takes a link to a folder of the checkout that was made for the work', async () => {
  ground().write({ 'node_modules/x.js': 'x\n' });
  const attempt = new Attempt(ground());
  fs.symlinkSync(join(ground().checkout, 'node_modules'), join(attempt.path, 'node_modules'));
  attempt.write({ '.gitignore': '!node_modules\n' });

  const saved = await attempt.saved();

  expect(saved.paths.map(({ path }) => path)).toEqual(['.gitignore']);
  expect(await attempt.saved()).toEqual(saved);
});
