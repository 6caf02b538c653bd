import { TendError } from '../domain/errors.ts';

/** `--listen host:port` among the arguments, else the wish of the starter; null without. Throws `invalid_input`. */
export function listenAddress(
  args: readonly string[],
  wish: string | undefined,
): { host: string; port: number } | null {
  const at = args.indexOf('--listen');
  const given = at < 0 ? wish : (args[at + 1] ?? '');
  if (given === undefined || (at < 0 && given === '')) return null;
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
