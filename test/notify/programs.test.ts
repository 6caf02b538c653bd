/** Desktop notifications and mail through programs of a path that the test made. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, afterEach, describe, expect, test } from 'vitest';
import { showOnDesktop } from '../../src/adapters/notify/desktop.ts';
import { sendMail } from '../../src/adapters/notify/mail.ts';
import { findProgram, type Running } from '../../src/adapters/notify/program.ts';
import type { Notice } from '../../src/domain/notice.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tend-programs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const running = (): Running => ({
  cwd: '/',
  environment: { PATH: folder, TOLD: join(folder, 'told') },
  timeout: 5_000,
  signal: undefined,
});

/** A program that writes its arguments, each ended by a NUL, and its stdin. */
function program(name: string, end = 'exit 0'): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!/bin/sh\nfor one in "$@"; do printf '%s\\0' "$one"; done > "$TOLD"\n/bin/cat > "$TOLD.in"\n${end}\n`,
  );
  chmodSync(path, 0o755);
  return path;
}
const told = (): string[] => readFileSync(join(folder, 'told'), 'utf8').split('\0').slice(0, -1);
const input = (): string => readFileSync(join(folder, 'told.in'), 'utf8');

const NOTICE: Notice = {
  title: '--help $(touch pwned)',
  lines: ['-e <b>bold</b> & more', '`x`'],
  tone: 'ask',
};

describe('on the desktop', () => {
  test('notify-send gets the text as arguments, after the end of options', async () => {
    const path = program('notify-send');
    expect(await showOnDesktop(NOTICE, running())).toBe(`${path} showed it`);
    expect(told()).toEqual([
      '--app-name=Tend',
      '--urgency=critical',
      '--',
      '--help $(touch pwned)',
      '-e &lt;b&gt;bold&lt;/b&gt; &amp; more\n`x`',
    ]);
  });

  test.runIf(findProgram('notify-send', '') === null)('osascript, too', async () => {
    program('osascript');
    await showOnDesktop(NOTICE, running());
    expect(told().slice(-4)).toEqual(['end run', '--', NOTICE.title, NOTICE.lines.join('\n')]);
    expect(told().join(' ')).toContain('(item 2 of argv)');
  });

  test.runIf(findProgram('notify-send', '') === null)(
    'PowerShell reads the text from its stdin, and a program that never changes',
    async () => {
      program('powershell.exe');
      await showOnDesktop(NOTICE, running());
      const [, , option, encoded = ''] = told();
      expect(option).toBe('-EncodedCommand');
      const script = Buffer.from(encoded, 'base64').toString('utf16le');
      expect(script).toContain('ConvertFrom-Json');
      expect(script).not.toContain('pwned');
      expect(JSON.parse(input())).toEqual({ title: NOTICE.title, body: NOTICE.lines.join('\n') });
    },
  );

  test('a program that fails is a reason, and so is none', async () => {
    const path = program('notify-send', 'echo no display >&2; exit 1');
    await expect(showOnDesktop(NOTICE, running())).rejects.toThrow(
      `${path} exited with code 1: no display`,
    );
  });

  test.runIf(findProgram('notify-send', '') === null)('none is a reason', async () => {
    await expect(showOnDesktop(NOTICE, running())).rejects.toThrow(
      'there is no program that shows notifications',
    );
  });

  test('one that hangs is ended', async () => {
    program('notify-send', 'exec /bin/sleep 60');
    await expect(showOnDesktop(NOTICE, { ...running(), timeout: 200 })).rejects.toThrow(
      'took longer than 0.2 s and was killed',
    );
  });
});

describe('by mail', () => {
  const MAIL = {
    kind: 'email',
    to: ['me@example.org'],
    from: null,
    program: 'mailer',
    arguments: ['-i'],
  } as const;
  const WHEN = { id: 'd-1', now: 0 };

  test('the program gets receivers as arguments and the message on its stdin', async () => {
    const path = program('mailer');
    expect(await sendMail(MAIL, NOTICE, WHEN, running())).toBe(`${path} took it`);
    expect(told()).toEqual(['-i', '--', 'me@example.org']);
    expect(input()).toMatch(/^To: me@example.org\nSubject: \[tend\] --help \$\(touch pwned\)\n/);
  });

  test('one that refuses, or is not there, is a reason', async () => {
    program('mailer', 'echo "relay\ndenied"; exit 75');
    await expect(sendMail(MAIL, NOTICE, WHEN, running())).rejects.toThrow(
      /mailer exited with code 75: relay denied$/,
    );
    await expect(
      sendMail({ ...MAIL, program: 'no-such-mailer' }, NOTICE, WHEN, running()),
    ).rejects.toThrow('there is no program no-such-mailer to send mail with');
  });
});
