/** Grows with every change of the wire that an older client or daemon could not bear. */
export const PROTOCOL = 1;

/** Response header of every answer: the daemon's protocol. */
export const PROTOCOL_HEADER = 'tend-protocol';

/** Request header: refuse unless the daemon speaks exactly this protocol. */
export const IF_PROTOCOL_HEADER = 'tend-if-protocol';
