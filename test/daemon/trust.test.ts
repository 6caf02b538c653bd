import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LiveSettings } from '../../src/daemon/settings.ts';

let folder: string;
let project: string;
let inside: string;
beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tend-trust-')));
  project = join(folder, 'app');
  inside = join(project, 'src');
  fs.mkdirSync(join(project, '.git'), { recursive: true });
  fs.mkdirSync(inside);
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const file = (): string => join(project, '.tend.toml');
const asks = (text: string): void => fs.writeFileSync(file(), `[hooks]\n${text}\n`);
const settings = (own = ''): LiveSettings => {
  const path = join(folder, 'config.toml');
  fs.writeFileSync(path, own);
  return new LiveSettings(path, null, join(folder, 'trusted.json'));
};
const subscribers = (of: LiveSettings): readonly string[] => of.targets(inside).hooks;
async function trusted(text: string): Promise<LiveSettings> {
  asks(text);
  const live = settings();
  const { hash } = await live.hooks.look(inside);
  await live.hooks.trust(inside, hash ?? '');
  return live;
}

describe("the person's hooks", () => {
  test('are called for every task, from the home folder', () => {
    const live = settings('[hooks]\nbefore_run = "gate"\nafter_end = ["/bin/log", "end"]\n');
    expect(live.beforeRun('/')).toBe(true);
    expect(live.targets('/').hooks).toEqual(['hook:after_end']);
    const { person, project: none } = live.hooks.of('/');
    expect(person.after_end).toEqual({ command: ['/bin/log', 'end'], cwd: process.env['HOME'] });
    expect(none).toEqual({});
    expect(live.configuration().values).toMatchObject({
      'hooks.before_run': 'gate',
      'hooks.after_end': '["/bin/log","end"]',
    });
  });

  test.each(['before_run = ""', 'after_end = []', 'on_fail = 5', 'during = "x"'])(
    '%s is refused',
    (text) => {
      expect(() => settings(`[hooks]\n${text}\n`)).toThrow(
        expect.objectContaining({ code: 'config_invalid' }),
      );
    },
  );

  test('are none where none are configured, and nobody looks for projects', () => {
    asks('before_run = "gate"');
    const live = settings();
    expect([live.beforeRun(inside), subscribers(live)]).toEqual([false, []]);
  });
});

describe('the hooks of a project', () => {
  test('are called once it is trusted, in its root, by whatever daemon', async () => {
    const live = await trusted('before_run = "gate"\non_fail = ["./tell", "me"]');
    for (const one of [live, settings()]) {
      expect(one.beforeRun(inside)).toBe(true);
      expect(subscribers(one)).toEqual(['hook:on_fail.project']);
      expect(one.hooks.of(inside).project.on_fail).toEqual({
        command: ['./tell', 'me'],
        cwd: project,
      });
      expect(one.beforeRun(folder)).toBe(false);
    }
    expect(fs.statSync(join(folder, 'trusted.json')).mode & 0o777).toBe(0o600);
  });

  test('are called no more when the file was changed, is gone, or is trusted no more', async () => {
    const live = await trusted('before_run = "gate"');
    expect(live.findings().map(({ check }) => check)).toEqual(['config']);
    asks('before_run = "other"');
    expect(live.beforeRun(inside)).toBe(false);
    expect(await live.hooks.look(inside)).toMatchObject({ trusted: false });
    expect(live.findings()).toContainEqual(expect.objectContaining({ check: 'trust' }));
    asks('before_run = "gate"');
    expect(live.beforeRun(inside)).toBe(true);
    fs.rmSync(file());
    expect(live.beforeRun(inside)).toBe(false);
    expect(await live.hooks.look(inside)).toMatchObject({ hash: null, trusted: false });
    asks('before_run = "gate"');
    expect(await live.hooks.distrust(inside)).toMatchObject({ trusted: false });
    expect(live.beforeRun(inside)).toBe(false);
  });

  test('are trusted as they were looked at, or not at all', async () => {
    asks('before_run = "gate"');
    const live = settings();
    const { hash, hooks, path } = await live.hooks.look(inside);
    expect([hooks, path]).toEqual([{ before_run: 'gate' }, file()]);
    asks('before_run = "evil"');
    await expect(live.hooks.trust(inside, hash ?? '')).rejects.toMatchObject({
      code: 'invalid_input',
    });
    expect(live.beforeRun(inside)).toBe(false);
    await expect(live.hooks.look('/proc')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('need a file of the person and a list that nobody else may write', async () => {
    await trusted('before_run = "gate"');
    fs.chmodSync(join(folder, 'trusted.json'), 0o666);
    expect(settings().beforeRun(inside)).toBe(false);
    fs.chmodSync(join(folder, 'trusted.json'), 0o600);
    expect(settings().beforeRun(inside)).toBe(true);
    fs.writeFileSync(join(folder, 'trusted.json'), '[broken');
    expect(settings().beforeRun(inside)).toBe(false);
  });

  test('of a broken file are none, and its other settings do not matter for that', async () => {
    const live = await trusted('before_run = "gate"');
    fs.writeFileSync(file(), '[hooks\n');
    expect(live.beforeRun(inside)).toBe(false);
    expect(subscribers(live)).toEqual([]);
  });
});
