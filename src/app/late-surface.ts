import type { Surface } from '#http/pipeline.ts';

/** What answers requests. */
export type Door = Pick<Surface, 'handle'>;

/** A surface whose code is loaded with its first request, or when somebody opens it. */
export interface LateSurface extends Door {
  open(): Promise<Surface>;
  /** Closes it where it was opened. */
  close(): Promise<void>;
}

/** Makes a surface that is loaded once; what comes meanwhile waits. */
export function lateSurface(
  load: () => Promise<Surface & { close?(): Promise<void> }>,
): LateSurface {
  let opening: ReturnType<typeof load> | undefined;
  const open = () => {
    opening ??= load();
    return opening;
  };
  return {
    handle: async (request) => (await open()).handle(request),
    open,
    // One that could not be opened has nothing to close.
    close: async () => (await opening?.catch(() => undefined))?.close?.(),
  };
}
