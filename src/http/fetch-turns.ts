/** How much is fetched from other servers at once. */
export interface FetchLimits {
  /** Fetches under way. */
  readonly runningMax: number;
  /** Of these, fetches from one host: a slow one must not take every place. */
  readonly runningPerHostMax: number;
  /** Fetches that wait for a place; one more is refused at once. */
  readonly waitingMax: number;
}

/** Places for fetches, each of which is given back. */
export interface FetchTurns {
  /**
   * Waits for a place, first come first served among the hosts that may have one. Resolves with what
   * gives it back; with undefined when too many wait already. Rejects when the signal comes first.
   */
  take(host: string, signal: AbortSignal): Promise<(() => void) | undefined>;
}

interface Waiting {
  readonly host: string;
  readonly begin: (giveBack: () => void) => void;
}

/** Opens the places of one process. */
export function openFetchTurns(limits: FetchLimits): FetchTurns {
  const running = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let runningCount = 0;
  const isFree = (host: string): boolean =>
    runningCount < limits.runningMax && (running.get(host) ?? 0) < limits.runningPerHostMax;
  const occupy = (host: string): (() => void) => {
    runningCount++;
    running.set(host, (running.get(host) ?? 0) + 1);
    return () => {
      runningCount--;
      const left = (running.get(host) ?? 1) - 1;
      if (left === 0) running.delete(host);
      else running.set(host, left);
      beginNext();
    };
  };
  const beginNext = (): void => {
    for (const one of waiting) {
      if (!isFree(one.host)) continue;
      waiting.delete(one);
      one.begin(occupy(one.host));
      return;
    }
  };
  return {
    async take(host, signal) {
      if (isFree(host)) return occupy(host);
      if (waiting.size >= limits.waitingMax) return undefined;
      return new Promise((resolve, reject) => {
        const giveUp = (): void => {
          waiting.delete(one);
          reject(signal.reason);
        };
        const begin = (giveBack: () => void): void => {
          signal.removeEventListener('abort', giveUp);
          resolve(giveBack);
        };
        const one = { host, begin };
        waiting.add(one);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },
  };
}
