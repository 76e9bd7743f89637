import { type KeyObject, sign } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/** A group of texts and the key that signs them. */
export interface TextsToSign {
  readonly key: KeyObject;
  readonly texts: readonly string[];
}

/** What became of each text of a group, in the order of the texts. */
export type SignedTexts = readonly (
  | { readonly kind: 'signature'; readonly text: string }
  | { readonly kind: 'failure'; readonly reason: string }
)[];

/** A thread that signs groups of texts, for `rs256.ts`. */
parentPort?.on('message', ({ key, texts }: TextsToSign) => {
  const signed: SignedTexts = texts.map((text) => signOne(text, key));
  parentPort?.postMessage(signed);
});

function signOne(text: string, key: KeyObject): SignedTexts[number] {
  try {
    const signature = sign('RSA-SHA256', Buffer.from(text), key);
    return { kind: 'signature', text: signature.toString('base64url') };
  } catch (error) {
    return { kind: 'failure', reason: String(error) };
  }
}
