/** `[channels.<name>]`: how a person is reached. */
import type { Channel } from '../adapters/notify/channel.ts';
import type { SecretSource } from '../adapters/notify/secret.ts';
import { duration, written } from '../domain/duration.ts';
import type { Pace } from '../domain/pacing.ts';
import { type ChannelFile, MINUTE, rateIn } from './config-channel-schema.ts';

/** A secret that is written down, or where it is; null = none was set. */
export function sourceOf(
  value: string | undefined,
  file: string | undefined,
  env: string | undefined,
): SecretSource | null {
  if (value !== undefined) return { kind: 'value', value };
  if (file !== undefined) return { kind: 'file', path: file };
  return env === undefined ? null : { kind: 'env', name: env };
}

/** The schema has seen to it that what the kind needs is there. */
const given = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined) throw new RangeError('a channel lacks what it needs');
  return value;
};

const TELEGRAM = 'https://api.telegram.org';

export function channelOf(file: ChannelFile): Channel {
  const { kind, events } = file;
  const url = sourceOf(file.url, file.url_file, file.url_env);
  const token = sourceOf(file.token, file.token_file, file.token_env);
  switch (kind) {
    case 'desktop':
      return { kind, events };
    case 'slack':
    case 'discord':
    case 'teams':
      return { kind, events, url: given(url) };
    case 'telegram':
      return {
        kind,
        events,
        url: file.url ?? TELEGRAM,
        token: given(token),
        chat: given(file.chat),
      };
    case 'ntfy':
      return { kind, events, url: given(file.url), token };
    case 'email':
      return {
        kind,
        events,
        to: given(file.to),
        from: file.from ?? null,
        program: file.program ?? 'sendmail',
        arguments: file.arguments ?? ['-i'],
      };
    case 'command':
      return { kind, events, command: given(file.command) };
    default:
      return kind satisfies never;
  }
}

const USUAL_RATE = { most: 20, within: MINUTE };
const RATE_OF_MAIL = { most: 20, within: 60 * MINUTE };

/** A command is told facts, as a machine is: each by itself and at once, unless it was asked otherwise. */
export function paceOf({ kind, quiet, rate, gather, coalesce }: ChannelFile): Pace {
  const usual = kind === 'email' ? RATE_OF_MAIL : kind === 'command' ? null : USUAL_RATE;
  return {
    quiet,
    rate: rate === undefined ? usual : rateIn(rate),
    gather: gather === undefined ? (kind === 'command' ? 0 : 1_000) : (duration(gather) ?? 0),
    coalesce: kind === 'command' ? 0 : (coalesce ?? 3),
  };
}

/** Whom a channel reaches, with nothing in it that is secret. */
export function whereOf(channel: Channel): string {
  switch (channel.kind) {
    case 'desktop':
    case 'command':
      return '';
    case 'telegram':
      return channel.chat;
    case 'ntfy':
      return new URL(channel.url).host;
    case 'email':
      return channel.to.join(', ');
    default:
      return channel.url.kind === 'value' ? new URL(channel.url.value).host : placeOf(channel.url);
  }
}

const placeOf = (source: SecretSource): string =>
  source.kind === 'file' ? source.path : source.kind === 'env' ? `$${source.name}` : '(hidden)';

/** What of a channel has to be kept secret, by its key. */
export function secretsIn(channel: Channel): [key: string, source: SecretSource][] {
  switch (channel.kind) {
    case 'slack':
    case 'discord':
    case 'teams':
      return [['url', channel.url]];
    case 'telegram':
      return [['token', channel.token]];
    case 'ntfy':
      return channel.token === null ? [] : [['token', channel.token]];
    default:
      return [];
  }
}

/** As it would be written in the file. */
export const listed = (items: readonly string[]): string =>
  `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;

/** The values by their dotted names in the file. */
export function flatChannel(
  name: string,
  channel: Channel,
  pace: Pace,
): [string, string | number | boolean][] {
  const hidden = secretsIn(channel).map(([key, source]): [string, string] =>
    source.kind === 'value'
      ? [key, '(hidden)']
      : [`${key}_${source.kind}`, source.kind === 'file' ? source.path : source.name],
  );
  const open: Record<string, string | number | boolean> = {
    kind: channel.kind,
    events: channel.events,
    ...(channel.kind === 'command' && { command: channel.command }),
    ...(channel.kind === 'ntfy' && { url: `${new URL(channel.url).origin}/…` }),
    ...(channel.kind === 'telegram' && { chat: channel.chat, url: new URL(channel.url).origin }),
    ...(channel.kind === 'email' && { to: listed(channel.to), program: channel.program }),
    quiet: pace.quiet,
    rate: pace.rate === null ? 'off' : `${pace.rate.most}/${written(pace.rate.within)}`,
    gather: pace.gather === 0 ? '0' : written(pace.gather),
    coalesce: pace.coalesce,
  };
  return [...Object.entries(open), ...hidden].map(([key, value]) => [
    `channels.${name}.${key}`,
    value,
  ]);
}
