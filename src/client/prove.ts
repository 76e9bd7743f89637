import type { TokenProvider } from './credentials.ts';
import { discard, type WireReply } from './transport.ts';

/** The headers that authenticate one request. */
export interface Proof {
  readonly authorization: string;
  readonly [header: string]: string;
}

/** Makes the proof of a request. It is told of the one that was just answered 401, and brings another if it can. */
export type Prove = (refused?: Proof) => Promise<Proof>;

const scheme = 'Bearer ';

/** Proves by a bearer token. */
export async function bearerProof(provider: TokenProvider, refused?: Proof): Promise<Proof> {
  const token = await provider(refused?.authorization.slice(scheme.length));
  return { authorization: `${scheme}${token}` };
}

/**
 * Sends with a proof, and once more when it is answered 401 and there is another proof to bring. `replyOf` finds the answer
 * in what was sent, if there was one.
 */
export async function sendProved<Sent>(
  prove: Prove,
  sendWith: (proof: Proof) => Promise<Sent>,
  replyOf: (sent: Sent) => WireReply | undefined,
): Promise<Sent> {
  const proof = await prove();
  const sent = await sendWith(proof);
  const reply = replyOf(sent);
  if (reply?.status !== 401) return sent;
  const other = await prove(proof);
  if (other.authorization === proof.authorization) return sent;
  discard(reply);
  return sendWith(other);
}
