import { spawn } from 'node:child_process';
import { noBrowser } from './sign-in.faults.ts';

/** What opens an address in the person's browser, by platform; on all others it is `xdg-open`. */
const openers: Readonly<Record<string, readonly [command: string, ...words: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens an address in the browser of the person at this machine. Resolves when the opener is done, which may be when the browser
 * is closed. Rejects with `SignInError` when there is no opener, or no browser that it knows.
 */
export function openBrowser(url: string, platform: string = process.platform): Promise<void> {
  const [command, ...words] = openers[platform] ?? ['xdg-open'];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...words, url], { stdio: 'ignore', detached: true });
    child.once('error', () => reject(noBrowser(command)));
    child.once('exit', (code) => (code === 0 ? resolve() : reject(noBrowser(command))));
    child.unref();
  });
}
