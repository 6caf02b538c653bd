import { expect, test } from 'vitest';
import { daemonEnv } from './launch.ts';

test("the daemon gets its own settings, and nothing of a task's or of the caller's secrets", () => {
  const env = daemonEnv({
    PATH: '/bin',
    HOME: '/home/ann',
    TEND_HOME: 'relative',
    TEND_TASK_ID: 't',
    TEND_ATTEMPT_ID: 'a',
    TEND_OWNER: 'o',
    AWS_SECRET_ACCESS_KEY: 's',
    NODE_OPTIONS: '--inspect',
    LC_ALL: 'C',
    EMPTY: undefined,
  });
  expect(env).toMatchObject({
    PATH: '/bin',
    HOME: '/home/ann',
    LC_ALL: 'C',
    TEND_HOME: `${process.cwd()}/relative`,
  });
  const allowed = ['PATH', 'HOME', 'LC_ALL', 'TEND_HOME', 'NODE_COMPILE_CACHE'];
  expect(Object.keys(env).filter((name) => !allowed.includes(name))).toEqual([]);
});
