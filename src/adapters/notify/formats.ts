import type { Notice, Tone } from '../../domain/notice.ts';

/**
 * What each service takes: text that means nothing but itself, within its limit. Task titles and output are strangers'
 * words: none of them may mention people, load pictures or become a link with another name.
 */

/** The text in at most `longest` units of `size`, each character made harmless by `escape`; a cut shows. */
export function fitted(
  text: string,
  longest: number,
  {
    escape = (character: string): string => character,
    size = (part: string): number => part.length,
  } = {},
): string {
  const room = longest - size('…');
  let kept = '';
  let used = 0;
  let before = { kept: '', fits: true };
  for (const character of text) {
    const part = escape(character);
    used += size(part);
    if (used > room && before.fits) before = { kept, fits: false };
    if (used > longest) return `${before.kept}…`;
    kept += part;
  }
  return kept;
}

const whole = ({ title, lines }: Notice): string => [title, ...lines].join('\n');

const SLACK: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** An incoming webhook; longer texts would be split. */
export const slack = (notice: Notice): object => ({
  text: fitted(whole(notice), 3_900, { escape: (one) => SLACK[one] ?? one }),
  mrkdwn: false,
  unfurl_links: false,
  unfurl_media: false,
});

const SUPPRESS_EMBEDS = 4;

/** A webhook of a channel: at most 2000 characters, of which every mark is escaped. */
export const discord = (notice: Notice): object => ({
  content: fitted(whole(notice), 2_000, {
    escape: (one) => (/[!-/:-@[-`{-~]/.test(one) ? `\\${one}` : one),
  }),
  allowed_mentions: { parse: [] },
  flags: SUPPRESS_EMBEDS,
});

/** A message of a bot; without a mode of parsing, marks mean nothing. */
export const telegram = (notice: Notice, chat: string): object => ({
  chat_id: chat,
  text: fitted(whole(notice), 4_096),
  link_preview_options: { is_disabled: true },
});

const TAGS: Record<Tone, string> = {
  good: 'white_check_mark',
  bad: 'x',
  ask: 'question',
  news: 'bell',
};
const HIGH = 4;
const NORMAL = 3;

const bytes = (part: string): number => Buffer.byteLength(part);

/** Published as JSON, so that titles may hold any character; a longer message would become a file. */
export const ntfy = ({ title, lines, tone }: Notice, topic: string): object => ({
  topic,
  title: fitted(title, 250, { size: bytes }),
  message: fitted(lines.join('\n') || title, 4_000, { size: bytes }),
  tags: [TAGS[tone]],
  priority: tone === 'bad' || tone === 'ask' ? HIGH : NORMAL,
});

/** A card of a workflow's webhook: runs of text, in which marks mean nothing. */
export function teams({ title, lines }: Notice): object {
  const block = (text: string, weight: 'Bolder' | 'Default') => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, weight }],
  });
  const shown = fitted(lines.join('\n'), 12_000);
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          type: 'AdaptiveCard',
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          version: '1.4',
          body: [
            block(fitted(title, 500), 'Bolder'),
            ...(shown === '' ? [] : shown.split('\n').map((line) => block(line, 'Default'))),
          ],
        },
      },
    ],
  };
}
