import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import type { Provider } from './providers.ts';

/** Where one cell is played: a HOME with a repository in it, and nothing of anybody else. */
export interface Place {
  home: string;
  repository: string;
  /** Everything that a program in it sees. */
  env: Readonly<Record<string, string>>;
}

interface Given {
  home: string;
  /** Folders of the PATH, first ones first. */
  path: readonly string[];
  provider: Provider;
}

/** Furnishes an empty home. */
export function furnish({ home, path, provider }: Given): Place {
  const repository = join(home, 'repo');
  const files = {
    ...provider.files,
    '.gitconfig': '[user]\nname = Dev\nemail = dev@localhost\n[init]\ndefaultBranch = main\n',
    'repo/README.md': '# A repository\n',
  };
  for (const [name, content] of Object.entries(files)) {
    const file = join(home, name);
    fs.mkdirSync(dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  fs.mkdirSync(join(home, 'tmp'), { recursive: true });
  const env = {
    HOME: home,
    LANG: 'C.UTF-8',
    PATH: [...path, '/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'].join(':'),
    SHELL: '/bin/bash',
    TEND_HOME: join(home, '.tend'),
    TERM: 'dumb',
    TMPDIR: join(home, 'tmp'),
    TZ: 'UTC',
    USER: 'dev',
    ...provider.env,
  };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, env });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-q', '-m', 'initial');
  return { home, repository, env };
}
