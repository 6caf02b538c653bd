/** Why a file is not touched; the reader adds which file it is. */
export class Refused extends Error {}
