import { TendError } from '../domain/errors.ts';

/** `--listen host:port` among the arguments; null without it. Throws `invalid_input`. */
export function listenAddress(args: readonly string[]): { host: string; port: number } | null {
  const at = args.indexOf('--listen');
  if (at < 0) return null;
  const given = args[at + 1] ?? '';
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(given) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || port === undefined || Number(port) > 65_535)
    throw new TendError(
      'invalid_input',
      `--listen takes host:port, not "${given}"`,
      'For example: tend daemon start --listen 127.0.0.1:7433',
    );
  return { host, port: Number(port) };
}
