/** What may stand in `[channels.<name>]`. */
import { z } from 'zod';
import { topicIn } from '../adapters/notify/channel.ts';
import { duration } from '../domain/duration.ts';
import { MOST_OF_A_RATE, type Pace } from '../domain/pacing.ts';
import { flag, list, oneOf, quoted } from './config-agent-values.ts';

const KINDS = [
  'desktop',
  'slack',
  'discord',
  'telegram',
  'ntfy',
  'teams',
  'email',
  'command',
] as const;
type Kind = (typeof KINDS)[number];

export const MINUTE = 60_000;
const NO_RATE = `is no rate; write messages and a span, as in "20/1m" (at most ${MOST_OF_A_RATE}, within at most 1d), or "off"`;
const NO_SPAN = 'is no span from 0 to 10m; write "1s" or "2m"';

/** `20/1m`; null = it is none. */
export function rateIn(written: string): Pace['rate'] {
  const [, count, span = ''] = /^(\d{1,3})\s*\/\s*(\S+)$/.exec(written.trim()) ?? [];
  const within = duration(span);
  const most = Number(count);
  const fits = most >= 1 && most <= MOST_OF_A_RATE && within !== null && within >= 1_000;
  return fits && within <= 24 * 60 * MINUTE ? { most, within } : null;
}

/** No character of it can end a header, begin an option or hide another address. */
const ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.]+[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*@[A-Za-z0-9.-]+$/;
const address = (error: string) => z.string({ error }).regex(ADDRESS, error);

const web = (what: string) =>
  quoted('an address').refine(
    (given) => URL.canParse(given) && ['http:', 'https:'].includes(new URL(given).protocol),
    what,
  );
const path = quoted('a path').regex(/^\//, 'must be an absolute path');
const variable = quoted('the name of a variable');

const shape = {
  kind: oneOf(KINDS).meta({ description: 'What kind of channel it is.' }),
  events: oneOf(['all', 'failures']).prefault('all').meta({
    description: 'Every end that is told, or only failures and questions.',
  }),
  url: web('is no http or https address').optional().meta({
    description:
      'The address of the incoming webhook (slack, discord, teams), or of the ntfy topic; for who knows it, it is a key.',
  }),
  url_file: path.optional().meta({ description: 'File that holds the address instead.' }),
  url_env: variable.optional().meta({
    description: "Variable of the daemon's environment that holds it instead.",
  }),
  token: quoted('the token').optional().meta({
    description: 'Of a telegram bot, or of an account at ntfy.',
  }),
  token_file: path.optional().meta({ description: 'File that holds the token instead.' }),
  token_env: variable.optional().meta({
    description: "Variable of the daemon's environment that holds it instead.",
  }),
  chat: quoted('the id or @name of a chat').optional().meta({
    description: 'Where the telegram bot writes.',
  }),
  to: list(
    address('must be addresses such as "me@example.org"'),
    'addresses, as in ["me@example.org"]',
  )
    .optional()
    .meta({ description: 'Who gets the mail.' }),
  from: address('must be an address such as "tend@example.org"').optional().meta({
    description: 'Who sends it; default: as the program for mail has it.',
  }),
  program: quoted('the name or path of a program')
    .regex(/^(\/|[^/-][^/]*$)/, 'must be a name or an absolute path')
    .optional()
    .meta({
      description:
        'Takes a whole message on stdin and receivers as arguments; default: "sendmail".',
    }),
  arguments: list(quoted('an argument'), 'arguments, as in ["-i"]').optional().meta({
    description: 'Arguments of that program before the receivers; default: ["-i"].',
  }),
  command: quoted('a command line').optional().meta({
    description: 'Run by /bin/sh; the facts are in TEND_* variables and, as JSON, on stdin.',
  }),
  quiet: flag.prefault(true).meta({ description: 'Whether it waits through the [quiet] hours.' }),
  rate: z
    .string({ error: NO_RATE })
    .refine((given) => given === 'off' || rateIn(given) !== null, NO_RATE)
    .optional()
    .meta({
      description:
        'Most messages within any span, as in "20/1m"; what is more waits and goes together.',
    }),
  gather: z
    .union([z.string(), z.number()], { error: NO_SPAN })
    .refine((given) => {
      const ms = duration(given);
      return ms !== null && ms >= 0 && ms <= 10 * MINUTE;
    }, NO_SPAN)
    .optional()
    .meta({ description: 'How long a message waits for others to go with it; default: "1s".' }),
  coalesce: z
    .int({ error: 'must be a whole number from 0 to 100' })
    .min(0, 'must be a whole number from 0 to 100')
    .max(100, 'must be a whole number from 0 to 100')
    .optional()
    .meta({
      description: 'So many that are due at once become one message; 0 = never. Default: 3.',
    }),
};

const OPTIONAL = ['kind', 'events', 'quiet', 'rate', 'gather', 'coalesce'];
const URLS = ['url', 'url_file', 'url_env'] as const;
const TOKENS = ['token', 'token_file', 'token_env'] as const;

/** What each kind needs (one of each list), and what it may have. */
const KEYS: Record<Kind, { needs: readonly (readonly string[])[]; may: readonly string[] }> = {
  desktop: { needs: [], may: [] },
  slack: { needs: [URLS], may: [] },
  discord: { needs: [URLS], may: [] },
  teams: { needs: [URLS], may: [] },
  telegram: { needs: [TOKENS, ['chat']], may: ['url'] },
  ntfy: { needs: [['url']], may: TOKENS },
  email: { needs: [['to']], may: ['from', 'program', 'arguments'] },
  command: { needs: [['command']], may: [] },
};

const channel = z.strictObject(shape).superRefine((given, context) => {
  const { needs, may } = KEYS[given.kind];
  const set = Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  const complain = (message: string, path: string[] = []): void =>
    context.addIssue({ code: 'custom', path, message });
  for (const one of needs)
    if (!one.some((key) => set.includes(key)))
      complain(`of kind "${given.kind}" needs ${one.join(' or ')}`);
  for (const several of [URLS, TOKENS])
    if (several.filter((key) => set.includes(key)).length > 1)
      complain(`takes one of ${several.join(', ')}, not several`);
  const known = [...OPTIONAL, ...needs.flat(), ...may];
  for (const key of set)
    if (!known.includes(key)) complain(`is not for a channel of kind "${given.kind}"`, [key]);
  if (given.to?.length === 0) complain('names nobody', ['to']);
  if (given.kind === 'ntfy' && given.url !== undefined && topicIn(given.url).topic === '')
    complain('must have the topic at its end, as in "https://ntfy.sh/my-topic"', ['url']);
});

const channelName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'is no name for a channel (1-64 of A-Z a-z 0-9 _ -, beginning with a letter or digit)',
  );

export const channelsSchema = z.record(channelName, channel);
export type ChannelsFile = z.output<typeof channelsSchema>;
export type ChannelFile = ChannelsFile[string];
