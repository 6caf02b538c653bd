/** `[notify]`, `[quiet]`, `[digest]`, and what holds for webhooks and channels alike. */
import * as fs from 'node:fs';
import { z } from 'zod';
import type { Receivers } from '../adapters/notify/notifier.ts';
import type { SecretSource } from '../adapters/notify/secret.ts';
import type { Webhook } from '../adapters/notify/webhook.ts';
import { namedZone, UTC, type Zone } from '../domain/civil.ts';
import { LET_THROUGH } from '../domain/pacing.ts';
import { quietHours, timeOfDay } from '../domain/quiet.ts';
import { LONGEST_CRITERION, MOST_CRITERIA } from '../domain/significance.ts';
import type { ConfiguredReceiver, NoticeSettings } from '../engine/notice-settings.ts';
import { list, oneOf, quoted } from './config-agent-values.ts';
import type { ChannelsFile } from './config-channel-schema.ts';
import { channelOf, flatChannel, listed, paceOf, secretsIn, whereOf } from './config-channels.ts';

export const notifySchema = z.strictObject({
  criteria: list(
    quoted('a criterion').max(
      LONGEST_CRITERION,
      `must have at most ${LONGEST_CRITERION} characters`,
    ),
    'criteria, as in ["a public interface changed"]',
  )
    .refine((given) => given.length <= MOST_CRITERIA, `must be at most ${MOST_CRITERIA}`)
    .prefault([])
    .meta({
      description:
        'What is worth telling of tasks with notify = "if_significant", numbered from 1; agents are told.',
    }),
});

const NO_TIME = 'is no time of day; write "22:00"';
const time = z.string({ error: NO_TIME }).refine((given) => timeOfDay(given) !== null, NO_TIME);
const NO_ZONE = 'is no time zone; write one such as "Europe/Berlin"';
const zone = z
  .string({ error: NO_ZONE })
  .refine((given) => namedZone(given) !== null, NO_ZONE)
  .optional()
  .meta({ description: 'Default: that of the machine.' });

export const quietSchema = z
  .strictObject({
    from: time.optional().meta({ description: 'When the quiet hours begin: "22:00".' }),
    until: time.optional().meta({ description: 'When they end: "07:00".' }),
    zone,
    let_through: list(oneOf(LET_THROUGH), 'some of ["question", "failure"]')
      .prefault(['question'])
      .meta({ description: 'What is told all the same: "question", "failure".' }),
  })
  .refine(
    ({ from, until }) => (from === undefined) === (until === undefined),
    'needs both from and until',
  )
  .refine(
    ({ from, until }) => from === undefined || quietHours(`${from}-${until ?? ''}`) !== null,
    'must not begin and end at the same time',
  );

export const digestSchema = z.strictObject({
  at: time.optional().meta({ description: 'Each day at this time: "09:00"; left out = never.' }),
  zone,
  channels: list(quoted('the name of a channel'), 'names of channels')
    .optional()
    .meta({ description: 'Who gets it, besides the inbox of the person; default: every channel.' }),
});

interface NoticesFile {
  channels: ChannelsFile;
  notify: z.output<typeof notifySchema>;
  quiet: z.output<typeof quietSchema>;
  digest: z.output<typeof digestSchema>;
}

/** Refuses a digest for a channel that is none. */
export function checkDigest(
  { channels, digest }: Pick<NoticesFile, 'channels' | 'digest'>,
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  for (const name of digest.channels ?? [])
    if (!Object.hasOwn(channels, name))
      context.addIssue({
        code: 'custom',
        path: ['digest', 'channels'],
        message: `names ${name}, which is no channel`,
      });
}

export interface NoticesConfig extends Pick<NoticeSettings, 'paces'> {
  criteria: readonly string[];
  quiet: NoticesFile['quiet'];
  digest: NoticesFile['digest'];
}

export const channelsOf = (file: ChannelsFile): NonNullable<Receivers['channels']> =>
  Object.fromEntries(Object.entries(file).map(([name, one]) => [name, channelOf(one)]));

export const noticesOf = ({ channels, notify, quiet, digest }: NoticesFile): NoticesConfig => ({
  paces: Object.fromEntries(Object.entries(channels).map(([name, one]) => [name, paceOf(one)])),
  criteria: notify.criteria,
  quiet,
  digest,
});

const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
const zoneOf = (name: string | undefined): Zone => namedZone(name ?? machineZone()) ?? UTC;

/** What the engine knows of it. */
export function noticeSettings(
  { paces, quiet, digest }: NoticesConfig,
  receivers: Receivers,
): NoticeSettings {
  const hours = quietHours(`${quiet.from ?? ''}-${quiet.until ?? ''}`);
  const at = digest.at === undefined ? null : timeOfDay(digest.at);
  return {
    paces,
    quiet:
      hours === null ? null : { hours, zone: zoneOf(quiet.zone), letThrough: quiet.let_through },
    digest:
      at === null
        ? null
        : { at, zone: zoneOf(digest.zone), channels: digest.channels ?? Object.keys(paces) },
    receivers: receiversOf(receivers),
  };
}

function receiversOf({ webhooks, channels = {}, onDone }: Receivers): ConfiguredReceiver[] {
  return [
    ...Object.entries(channels).map(([name, one]): ConfiguredReceiver => ({
      subscriber: `channel:${name}`,
      kind: one.kind,
      where: whereOf(one),
      events: one.events,
    })),
    ...Object.entries(webhooks).map(([name, { url, events }]): ConfiguredReceiver => ({
      subscriber: `webhook:${name}`,
      kind: 'webhook',
      where: new URL(url).host,
      events,
    })),
    ...(onDone === null
      ? []
      : [{ subscriber: 'command', kind: 'command', where: '', events: 'all' } as const]),
  ];
}

type Named = [place: string, source: SecretSource];

const secretsOf = ({ webhooks, channels = {} }: Receivers): Named[] => [
  ...Object.entries(webhooks).flatMap(([name, { secret }]): Named[] =>
    secret === null ? [] : [[`webhooks.${name}`, secret]],
  ),
  ...Object.entries(channels).flatMap(([name, one]) =>
    secretsIn(one).map(([, source]): Named => [`channels.${name}`, source]),
  ),
];

/** Files with secrets that others may read. */
export function exposed(path: string, mode: number, receivers: Receivers): string[] {
  const secrets = secretsOf(receivers).map(([, source]) => source);
  const hasInline =
    secrets.some(({ kind }) => kind === 'value') ||
    Object.values(receivers.webhooks).some(({ url }) => new URL(url).password !== '');
  const holders = hasInline ? [{ file: path, bits: mode }] : [];
  for (const source of secrets) {
    if (source.kind !== 'file') continue;
    const bits = fs.statSync(source.path, { throwIfNoEntry: false })?.mode ?? 0;
    holders.push({ file: source.path, bits });
  }
  return holders
    .filter(({ bits }) => (bits & 0o077) !== 0)
    .map(({ file }) => `${file} holds a secret and others may read it; make its mode 0600`);
}

/** Secrets that are not there: who needs them cannot be told. */
export const absent = (receivers: Receivers): string[] =>
  secretsOf(receivers).flatMap(([place, source]) => {
    if (source.kind === 'env' && (process.env[source.name] ?? '') === '')
      return [`${place}: the variable ${source.name} with its secret is not set`];
    if (source.kind === 'file' && !fs.existsSync(source.path))
      return [`${place}: there is no secret file ${source.path}`];
    return [];
  });

type Flat = [string, string | number | boolean | null][];

/** The values by their dotted names in the file; no secrets. */
export const flatNotices = (
  { criteria, quiet, digest, paces }: NoticesConfig,
  { webhooks, channels = {} }: Receivers,
): Record<string, string | number | boolean | null> =>
  Object.fromEntries([
    ...Object.entries(webhooks).flatMap(flatWebhook),
    ...Object.entries(channels).flatMap(([name, one]): Flat => {
      const pace = paces[name];
      return pace === undefined ? [] : flatChannel(name, one, pace);
    }),
    ['notify.criteria', listed(criteria)],
    ['quiet.from', quiet.from ?? null],
    ['quiet.until', quiet.until ?? null],
    ['quiet.let_through', listed(quiet.let_through)],
    ['digest.at', digest.at ?? null],
  ]);

/** Many services put the secret into the path, so only the origin of the address is shown. */
function flatWebhook([name, webhook]: [string, Webhook]): Flat {
  const { origin, pathname, search } = new URL(webhook.url);
  const values = {
    url: pathname === '/' && search === '' ? origin : `${origin}/…`,
    events: webhook.events,
    ...shownSecret(webhook.secret),
  };
  return Object.entries(values).map(([key, value]) => [`webhooks.${name}.${key}`, value]);
}

function shownSecret(secret: SecretSource | null) {
  switch (secret?.kind) {
    case 'value':
      return { secret: '(hidden)' };
    case 'file':
      return { secret_file: secret.path };
    case 'env':
      return { secret_env: secret.name };
    default:
      return {};
  }
}
