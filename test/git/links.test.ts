/** A new work tree finds the dependency folders of the checkout, and git knows nothing of it. */
import * as fs from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { codeOf, eachOnGround, gitIn, NOW } from './ground.ts';
import type { WorkspaceSpec } from '../../src/domain/workspace.ts';
import { prepare } from '../../src/adapters/git/prepare.ts';

const ground = eachOnGround();
let exclude: string;

beforeEach(() => {
  exclude = join(ground().repository, 'info/exclude');
  ground().commit('ignore', { '.gitignore': 'node_modules/\n.venv\n/target/\n' });
});

/** The root of a work tree with these links. */
async function linked(links: string[], given: Partial<WorkspaceSpec> = {}): Promise<string> {
  const spec = ground().spec({ links, ...given });
  const place = ground().place(spec, `t-${links.length}`);
  const { refusal } = await prepare(ground().state, place, spec, [spec.base], false, NOW);
  expect(refusal).toBeNull();
  expect(gitIn(place.path, 'status', '--porcelain')).toBe('');
  return place.path;
}

const linkAt = (root: string, name: string): string | null => {
  const found = fs.lstatSync(join(root, name), { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true ? fs.readlinkSync(join(root, name)) : null;
};

const lines = (): string[] =>
  fs
    .readFileSync(exclude, 'utf8')
    .split('\n')
    .filter((line) => /^[^#]/.test(line));

test('what git ignores in the checkout is linked, and left out once', async () => {
  const { checkout } = ground();
  ground().write({ 'node_modules/x/index.js': 'x', '.venv/y': 'y', 'src/node_modules/z': 'z' });
  const names = ['node_modules', '.venv', 'src/node_modules/', 'target'];
  const root = await linked(names);
  for (const name of ['node_modules', '.venv', 'src/node_modules'])
    expect(linkAt(root, name)).toBe(join(checkout, name));
  expect(linkAt(root, 'target')).toBeNull();
  // `.venv` means links too; the person's own files are as they were.
  expect(lines()).toEqual(['/node_modules', '/src/node_modules']);
  await linked([...names, 'nothing']);
  await linked(names);
  expect(lines()).toEqual(['/node_modules', '/src/node_modules']);
  expect(ground().git('status', '--porcelain')).toBe('');
});

test('nothing else is: tracked, not ignored, files, or already there', async () => {
  ground().commit('tracked', { 'vendor/x': 'x', 'lib/target/x': 'x' });
  ground().write({ 'plain/x': 'x', '.venv': 'a file' });
  const root = await linked(['vendor', 'plain', '.venv', 'src', 'file.txt', 'lib/target']);
  for (const name of ['vendor', 'plain', '.venv', 'src', 'lib/target'])
    expect(linkAt(root, name)).toBeNull();
  expect(lines()).toEqual([]);
});

test('no name leads out of either', async () => {
  fs.mkdirSync(join(ground().root, 'outside/node_modules'), { recursive: true });
  fs.symlinkSync(join(ground().root, 'outside'), join(ground().checkout, 'out'));
  ground().commit('a link that leads out');
  const names = ['../outside', '/tmp', '', '.', '.git', 'src/../../outside', 'out/node_modules'];
  const root = await linked([...names, 'a\nb', 'x\0y', 'nowhere/node_modules']);
  expect(fs.readdirSync(root).sort()).toEqual(['.git', '.gitignore', 'file.txt', 'out', 'src']);
  expect(lines()).toEqual([]);
});

test('lines that are there stay, with names as odd as they like', async () => {
  fs.writeFileSync(exclude, '/mine');
  ground().write({ '.gitignore': '*/\n!src/\n', 'we*ird [x] /y': 'y' });
  ground().commit('ignore more');
  const root = await linked(['we*ird [x] ']);
  expect(linkAt(root, 'we*ird [x] ')).not.toBeNull();
  expect(fs.readFileSync(exclude, 'utf8')).toBe('/mine\n/we\\*ird \\[x]\\ \n');
  expect(codeOf(root, 'check-ignore', '-q', 'weird x ')).toBe(1);
});

test('a later attempt has them again', async () => {
  ground().write({ 'node_modules/x': 'x' });
  const root = await linked(['node_modules']);
  fs.unlinkSync(join(root, 'node_modules'));
  await linked(['node_modules']);
  expect(linkAt(root, 'node_modules')).not.toBeNull();
  fs.rmSync(exclude);
  fs.unlinkSync(join(root, 'node_modules'));
  await linked(['node_modules']);
  expect(lines()).toEqual(['/node_modules']);
});
