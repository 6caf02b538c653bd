/** Gates on names and words that no linter rule covers. Each shows first that it refuses a bad sample. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Gate {
  readonly where: RegExp;
  readonly refused: RegExp;
  readonly sample: string;
}

/** The only files that may delete a folder with all that is in it, each in one place that was read with care. */
const DELETES: readonly string[] = [
  // What went to the trash and is kept elsewhere; the checkouts of checks.
  'src/adapters/git/trash/deletion.ts',
  // The folder of a removed task: output and records, nobody's work.
  'src/adapters/process/folders.ts',
  // A folder of its own for one question, made a moment before.
  'src/adapters/classifier/classifier.ts',
];

const DELETION =
  /\b(rm|rmSync|rmdir|rmdirSync)\([^;]*?recursive['"]?\s*:|\brimraf\b|\brm\s+-\w*[rR]|['"]rm['"],\s*\[?\s*['"]-\w*[rR](?![^\]]*--cached)/g;

const ROOT = join(import.meta.dirname, '..');
const UNWATCHED = /^(\.git|node_modules|dist|coverage|\.build-.*|package-lock\.json)$/;
const CODE = /^(src|test|bench|scripts|bin)\//;

const NAMES: readonly string[] = ['utils', 'helpers', 'common', 'manager', 'types'];

/** The words of a path below its top folder: `src/domain/task-types.ts` has `domain`, `task`, `types`. */
const wordsOf = (path: string): string[] =>
  path.split(/[/.\-_]|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase());
const isNameless = (path: string): boolean => wordsOf(path).some((word) => NAMES.includes(word));

const CONTENTS: Record<string, Gate> = {
  'no path leaves the repository': {
    where: /./,
    refused: new RegExp(['\\.\\./sha', 'red|\\.lib', 'rary\\b'].join('')),
    sample: ['see ../sha', 'red/notes.md'].join(''),
  },
  'no command that destroys work': {
    where: /^src\//,
    refused:
      /--force|branch -D|reset --hard|clean -fd|'-D'|'--hard'|'-fdx?'|'clean'|'(add|checkout|branch|push|remove)', '-f'/,
    sample: "git(['worktree', 'remove', '--force', path])",
  },
  'no test is left out': {
    where: /\.test\.ts$/,
    refused: new RegExp('(?<![.])\\.(only|skip|todo)' + '\\('),
    sample: ['test.', "only('x', () => {})"].join(''),
  },
  'no source switches a gate off': {
    where: /^src\//,
    refused:
      /@ts-nocheck|(ox|es)lint-disable(-next-line|-line)?(\s*$|\s*\*\/|[^\n]*(layers|max-lines|restricted|no-console))/m,
    sample: '// oxlint-disable-next-line tend/layers',
  },
};

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => !UNWATCHED.test(name))
    .map((name) => join(folder, name))
    .flatMap((path) => {
      const found = existsSync(join(ROOT, path)) ? statSync(join(ROOT, path)) : undefined;
      return found?.isDirectory() ? filesBelow(path) : found?.isFile() ? [path] : [];
    });
}

const files = filesBelow('.');

describe('names', () => {
  test('a file named after nothing is seen', () => {
    const samples = [
      'src/utils.ts',
      'src/engine/taskHelpers.ts',
      'src/common/a.ts',
      'src/task-types.ts',
    ];
    expect(samples.filter(isNameless)).toEqual(samples);
    expect(isNameless('src/domain/task.ts')).toBe(false);
  });

  test('every file is named after what it is', () => {
    expect(files.filter((path) => CODE.test(path) && isNameless(path))).toEqual([]);
  });
});

describe.each(Object.entries(CONTENTS))('%s', (_, { where, refused, sample }) => {
  test('a violation is seen', () => {
    expect(sample).toMatch(refused);
  });

  test('no file has one', () => {
    const guilty = files
      .filter((path) => where.test(path))
      .filter((path) => refused.test(readFileSync(join(ROOT, path), 'utf8')));
    expect(guilty).toEqual([]);
  });
});

test('every way to throw work away with git is seen', () => {
  const { refused } = CONTENTS['no command that destroys work'] ?? { refused: /^$/ };
  const samples = [
    "['worktree', 'add', '-f', path]",
    "['clean', '-q']",
    "git(at, ['reset', '--hard'])",
    "['branch', '-D', name]",
    'git branch -D',
    'git reset --hard',
    'git clean -fd',
    "['checkout', '-f']",
  ];
  expect(samples.filter((sample) => !refused.test(sample))).toEqual([]);
  expect("['update-ref', '-d', ref, tip]").not.toMatch(refused);
});

describe('deletions of folders', () => {
  const deletionsIn = (text: string): number => [...text.matchAll(DELETION)].length;

  test('each way to do it is seen', () => {
    const samples = [
      'fs.rmSync(path, { recursive: true, force: true })',
      'await rm(path, { maxRetries: 3,\n  recursive: true })',
      "fs.promises.rm(folder, { 'recursive': true })",
      'fs.rmdirSync(path, { recursive: isTree })',
      "spawn('rm', ['-rf', path])",
      'rm -rf "$folder"',
      "import rimraf from 'rimraf'",
    ];
    expect(samples.filter((sample) => deletionsIn(sample) === 0)).toEqual([]);
    const others =
      "rm(file, { force: true }); mkdirSync(path, { recursive: true }); ['rm', '-r', '--cached']";
    expect(deletionsIn(others)).toBe(0);
  });

  test('they are in the files that are named here, and nowhere else', () => {
    const guilty = files
      .filter((path) => /^(src|bin)\//.test(path) && !path.endsWith('.test.ts'))
      .filter((path) => deletionsIn(readFileSync(join(ROOT, path), 'utf8')) > 0);
    expect(guilty.toSorted()).toEqual(DELETES.toSorted());
  });

  test('each of them has one, and that of work a second try', () => {
    const found = DELETES.map((path) => deletionsIn(readFileSync(join(ROOT, path), 'utf8')));
    expect(found).toEqual([2, 1, 1]);
  });
});

test('the gates watch this very file', () => {
  expect(files).toContain(join('test', basename(import.meta.filename)));
});
