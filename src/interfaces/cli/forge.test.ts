import { expect, test } from 'vitest';
import { folderOf, hostOf } from './forge.ts';

test.each([
  ['git@github.com:me/project.git', 'github.com'],
  ['github.com:me/project.git', 'github.com'],
  ['https://GitLab.example.org/me/project', 'gitlab.example.org'],
  ['https://me:secret@gitlab.com/me/project.git', 'gitlab.com'],
  ['ssh://git@gitlab.example.org:2222/me/project.git', 'gitlab.example.org'],
  ['git+ssh://host/path', 'host'],
  ['/home/me/project.git', null],
  ['../github.com/project.git', null],
  ['file:///home/me/project.git', null],
  ['', null],
])('the host of %j is %j', (url, host) => {
  expect(hostOf(url)).toBe(host);
});

test('programs run where the repository is found', () => {
  expect(folderOf('/home/me/project/.git')).toBe('/home/me/project');
  expect(folderOf('/srv/project.git')).toBe('/srv/project.git');
});
