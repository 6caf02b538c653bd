/** Nothing that a task says may mean anything to a service, and no message is longer than it takes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  discord,
  fitted,
  ntfy,
  slack,
  teams,
  telegram,
} from '../../src/adapters/notify/formats.ts';
import { mailOf } from '../../src/adapters/notify/mail.ts';
import type { Notice } from '../../src/domain/notice.ts';

const notice = (title: string, ...lines: string[]): Notice => ({ title, lines, tone: 'good' });
const HOSTILE = notice(
  'a <!channel> & <@U1> [x](https://evil.example) `c` **d** _e_ ~f~ ||g|| #h',
  '@everyone <https://evil.example|bank> :smile: > quote',
);

test('each format, golden', () => {
  expect(slack(HOSTILE)).toEqual({
    text:
      'a &lt;!channel&gt; &amp; &lt;@U1&gt; [x](https://evil.example) `c` **d** _e_ ~f~ ||g|| #h\n' +
      '@everyone &lt;https://evil.example|bank&gt; :smile: &gt; quote',
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
  });
  expect(discord(HOSTILE)).toEqual({
    content:
      'a \\<\\!channel\\> \\& \\<\\@U1\\> \\[x\\]\\(https\\:\\/\\/evil\\.example\\) \\`c\\` \\*\\*d\\*\\* \\_e\\_ \\~f\\~ \\|\\|g\\|\\| \\#h\n' +
      '\\@everyone \\<https\\:\\/\\/evil\\.example\\|bank\\> \\:smile\\: \\> quote',
    allowed_mentions: { parse: [] },
    flags: 4,
  });
  expect(telegram(HOSTILE, '@chat')).toEqual({
    chat_id: '@chat',
    text: `${HOSTILE.title}\n${HOSTILE.lines[0]}`,
    link_preview_options: { is_disabled: true },
  });
  expect(ntfy(HOSTILE, 'topic')).toEqual({
    topic: 'topic',
    title: HOSTILE.title,
    message: HOSTILE.lines[0],
    tags: ['white_check_mark'],
    priority: 3,
  });
  expect(teams(HOSTILE)).toMatchObject({
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          body: [
            {
              type: 'RichTextBlock',
              inlines: [{ type: 'TextRun', text: HOSTILE.title, weight: 'Bolder' }],
            },
            { type: 'RichTextBlock', inlines: [{ text: HOSTILE.lines[0] }] },
          ],
        },
      },
    ],
  });
});

test('a message without lines', () => {
  expect(ntfy(notice('only a title'), 't')).toMatchObject({ message: 'only a title' });
  expect(teams(notice('only a title'))).toMatchObject({
    attachments: [{ content: { body: [{}] } }],
  });
});

const textIn = (body: object, key: string): string => (body as Record<string, string>)[key] ?? '';

test('no message is longer than its service takes, and no character is parted', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 6_000, size: 'max' });
  fc.assert(
    fc.property(text, text, (title, line) => {
      const given = notice(title, line);
      const told = [
        [textIn(slack(given), 'text'), 4_000],
        [textIn(discord(given), 'content'), 2_000],
        [textIn(telegram(given, '1'), 'text'), 4_096],
      ] as const;
      for (const [shown, most] of told) {
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(shown.isWellFormed()).toBe(title.isWellFormed() && line.isWellFormed());
      }
      const { message, title: head } = ntfy(given, 't') as { message: string; title: string };
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096);
      expect(Buffer.byteLength(head)).toBeLessThanOrEqual(250);
      expect(JSON.stringify(teams(given)).length).toBeLessThan(28_000 * 6);
    }),
    { numRuns: 60 },
  );
});

test('slack and discord get no mark that is not escaped', () => {
  const text = fc.string({ unit: fc.constantFrom(...Array.from('<>&!@#*_~`|[]()\\/:-ab \n')) });
  fc.assert(
    fc.property(text, (given) => {
      expect(textIn(slack(notice(given)), 'text')).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
      expect(textIn(discord(notice(given)), 'content')).toMatch(/^(\\[!-~]|[a-z0-9\s…])*$/i);
    }),
  );
});

describe('what fits', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['', 3, ''],
    ['a😀b', 3, 'a…'],
    ['a😀b', 4, 'a😀b'],
  ])('%j in %d', (text, longest, shown) => {
    expect(fitted(text, longest)).toBe(shown);
  });
});

describe('a mail', () => {
  const MAIL = { to: ['me@example.org', 'you@example.org'], from: 'tend@example.org' };
  const WHEN = { id: 'd-t-1.a.c.channel_mail', now: Date.UTC(2026, 10, 26, 9) };

  test('golden', () => {
    expect(mailOf(MAIL, notice('Completed: make', 'all green'), WHEN)).toBe(
      [
        'From: tend@example.org',
        'To: me@example.org, you@example.org',
        'Subject: [tend] Completed: make',
        'Date: Thu, 26 Nov 2026 09:00:00 +0000',
        'Message-ID: <d-t-1.a.c.channel_mail@tend.invalid>',
        'Auto-Submitted: auto-generated',
        'MIME-Version: 1.0',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('Completed: make\n\nall green\n').toString('base64'),
        '',
      ].join('\n'),
    );
  });

  test('nothing that a task says becomes a header, an end of the message or another line', () => {
    const text = fc.string({
      unit: fc.constantFrom(...Array.from('\r\n:.=?äab😀 '), 'Bcc: x@y.z', '\n.\n'),
    });
    fc.assert(
      fc.property(text, text, (title, line) => {
        const mail = mailOf({ ...MAIL, from: null }, notice(title, line), WHEN);
        const [head = '', ...rest] = mail.split('\n\n');
        const names = head.split('\n').map((one) => /^([A-Za-z-]+): |^ /.exec(one)?.[1] ?? null);
        expect(names.filter((name) => name !== null)).toEqual([
          'To',
          'Subject',
          'Date',
          'Message-ID',
          'Auto-Submitted',
          'MIME-Version',
          'Content-Type',
          'Content-Transfer-Encoding',
        ]);
        expect(head).toMatch(/^[ -~\n]*$/);
        for (const one of head.split('\n')) expect(one.length).toBeLessThan(998);
        expect(rest).toHaveLength(1);
        const body = Buffer.from(rest[0] ?? '', 'base64').toString('utf8');
        expect(body).toBe(`${[title, '', line].join('\n')}\n`);
      }),
    );
  });

  test('a subject in another script is in encoded words', () => {
    const mail = mailOf(
      MAIL,
      notice('Fertig: Prüfung der Änderungen an den Maßen und Größen 😀'),
      WHEN,
    );
    const [, subject = ''] = /Subject: ((?:.*\n )*.*)\n/.exec(mail) ?? [];
    const words = subject.split('\n ');
    for (const word of words) expect(word.length).toBeLessThanOrEqual(75);
    const decoded = words
      .map((word) => Buffer.from(word.slice('=?UTF-8?B?'.length, -2), 'base64').toString())
      .join('');
    expect(decoded).toBe('[tend] Fertig: Prüfung der Änderungen an den Maßen und Größen 😀');
  });
});
