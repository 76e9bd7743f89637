/**
 * The 16 bytes of a GUID in the order of a GUID structure in memory, which is how the directory makes other ids of it: the first three
 * groups are little-endian. Throws when the text is no GUID.
 */
export function guidBytes(guid: string): Buffer {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex');
  if (bytes.length !== 16) throw new Error('a GUID has 16 bytes');
  return Buffer.concat([
    bytes.subarray(0, 4).toReversed(),
    bytes.subarray(4, 6).toReversed(),
    bytes.subarray(6, 8).toReversed(),
    bytes.subarray(8),
  ]);
}

/** The id of a consent: its parties' ids, one after the other, in unpadded base64url. Recorded: 43 characters for two parties. */
export function grantIdOf(clientId: string, resourceId: string, principalId?: string): string {
  const parties = [clientId, resourceId, ...(principalId === undefined ? [] : [principalId])];
  return Buffer.concat(parties.map(guidBytes)).toString('base64url');
}
