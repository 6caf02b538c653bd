import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4, type LookupFunction } from 'node:net';
import { callbackify } from 'node:util';

/** Names to addresses; the system's resolver unless a test says otherwise. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export const systemResolve: Resolve = (hostname) => systemLookup(hostname, { all: true });

/** Everything that IANA lists as not globally reachable, metadata services among it. */
const PRIVATE_V4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Inside 2000::/3, which alone is public: protocol assignments, documentation, 6to4 (it wraps any IPv4 address). */
const PRIVATE_V6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const refused = new BlockList();
for (const [network, prefix] of PRIVATE_V4) refused.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of PRIVATE_V6) refused.addSubnet(network, prefix, 'ipv6');
const unicast = new BlockList();
unicast.addSubnet('2000::', 3, 'ipv6');

/** An address of the open internet: no loopback, private, link-local, mapped, or otherwise special one. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !refused.check(address, 'ipv4');
  return isIP(address) === 6 && unicast.check(address, 'ipv6') && !refused.check(address, 'ipv6');
}

/**
 * A lookup for one connection: resolves once and hands over the very addresses it has checked, so that
 * a name cannot change its mind in between. One refused address refuses the name.
 */
export function checkedLookup(
  resolve: Resolve,
  isAllowed: (address: string) => boolean,
): LookupFunction {
  const answer = callbackify(async (hostname: string, asked: LookupOptions) => {
    const found = await resolve(hostname);
    if (!found.every(({ address }) => isAllowed(address))) throw new Error(notPublic(hostname));
    const family = FAMILIES.get(asked.family);
    const fitting = found.filter((one) => family === undefined || one.family === family);
    const [first] = fitting;
    if (first === undefined) throw new Error(`${hostname} has no address`);
    return { first, fitting };
  });
  return (hostname, options, callback) =>
    answer(hostname, options, (error, found) => {
      if (error !== null) callback(error, '');
      else if (options.all === true) callback(null, found.fitting);
      else callback(null, found.first.address, found.first.family);
    });
}

/** Both spellings in which a socket asks for one family. */
const FAMILIES = new Map<unknown, number>([
  [4, 4],
  [6, 6],
  ['IPv4', 4],
  ['IPv6', 6],
]);

export const notPublic = (hostname: string): string =>
  `${hostname} is not on the public internet, which a webhook of a project must be`;
