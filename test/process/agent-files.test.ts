/** What an agent finds in the folder of its attempt: files, and links to what is the person's. */
import * as fs from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { Folders } from '../../src/adapters/process/folders.ts';
import { Preparation } from '../../src/adapters/process/preparation.ts';
import type { Launch } from '../../src/ports/agent.ts';
import { argv, eachOnGround } from './ground.ts';

const ground = eachOnGround();

async function prepared(given: Partial<Launch>): Promise<string> {
  const folders = new Folders(ground().state);
  const task = ground().task(argv('true'));
  const how = async (): Promise<Launch> => ({
    argv: ['true'],
    env: {},
    unset: [],
    files: {},
    stdin: null,
    ...given,
  });
  const around = { socket: null, home: null, umask: 0o022 };
  const { folder } = await new Preparation(folders, around).prepare(task, how);
  return join(folder, 'agent');
}
const mode = (path: string): number => fs.statSync(path).mode & 0o777;

test('files lie in private folders, hidden ones, too', async () => {
  const folder = await prepared({ files: { 'home/.agent/settings.json': '{}' } });
  const file = join(folder, 'home/.agent/settings.json');
  expect([fs.readFileSync(file, 'utf8'), mode(file), mode(join(file, '..'))]).toEqual([
    '{}',
    0o600,
    0o700,
  ]);
});

test('links lead to what is theirs; a folder that is not there yet is made', async () => {
  const own = join(ground().state, 'own');
  fs.mkdirSync(own);
  fs.writeFileSync(join(own, 'login'), 'secret');
  const folder = await prepared({
    links: { 'home/.agent/login': join(own, 'login'), 'home/.agent/tmp': join(own, 'tmp/') },
  });
  expect(fs.readFileSync(join(folder, 'home/.agent/login'), 'utf8')).toBe('secret');
  fs.writeFileSync(join(folder, 'home/.agent/tmp/session'), 'x');
  expect(fs.readdirSync(join(own, 'tmp'))).toEqual(['session']);
  expect(mode(join(own, 'tmp'))).toBe(0o700);
  // Whoever clears the folder away takes the links alone.
  await new Folders(ground().state).remove(basename(join(folder, '../..')));
  expect(fs.existsSync(folder)).toBe(false);
  expect(fs.readdirSync(own).toSorted()).toEqual(['login', 'tmp']);
});

test.each(['../x', 'a/../x', '/x', './x', 'a//x', '.', '-x'])('%s is no name', async (name) => {
  await expect(prepared({ files: { [name]: '' } })).rejects.toThrow('is no name');
  await expect(prepared({ links: { [name]: '/x' } })).rejects.toThrow('is no name');
});
