import { ServiceError, SignInError } from '#client/client.ts';

/** Tells the tour as it happens. A step that does not go as expected throws, and so ends the tour. */
export interface Narrator {
  /** Prints what is being done, does it, and prints what came of it. */
  step<T>(title: string, body: () => Promise<T>, told?: (value: T) => string): Promise<T>;
  /** A step that must be refused with this code; being allowed, or another refusal, is the failure. */
  refusal(title: string, code: string, body: () => unknown): Promise<void>;
  /** A line that introduces the next steps. */
  chapter(title: string): void;
}

/** A narrator that counts its steps and writes lines. */
export function narrator(write: (line: string) => void): Narrator {
  let count = 0;
  const said = (mark: string, title: string, what: string): void => {
    write(`  ${mark} ${String(count).padStart(2)} ${title}${what === '' ? '' : `: ${what}`}`);
  };
  return {
    chapter: (title) => write(`\n${title}`),
    async step(title, body, told) {
      count++;
      try {
        const value = await body();
        said('✓', title, told?.(value) ?? '');
        return value;
      } catch (error) {
        said('✗', title, String(error));
        throw error;
      }
    },
    async refusal(title, code, body) {
      count++;
      const refused = await refusalOf(body);
      said(refused?.code === code ? '✓' : '✗', title, refused?.message ?? 'it was allowed');
      if (refused?.code !== code) throw new Error(`"${title}" was to be refused with ${code}`);
    },
  };
}

async function refusalOf(
  body: () => unknown,
): Promise<{ readonly code: string; readonly message: string } | undefined> {
  try {
    await body();
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError || error instanceof SignInError) {
      const [message = ''] = error.message.split(/\r?\n| Trace ID:/);
      return { code: error.code, message };
    }
    throw error;
  }
}
