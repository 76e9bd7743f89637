import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from './open-browser.ts';

test('where there is no opener, the error names what was missed and what to do', async () => {
  const elsewhere = process.platform === 'win32' ? 'linux' : 'win32';
  const opened = openBrowser('https://localhost/', elsewhere);
  await assert.rejects(opened, {
    name: 'SignInError',
    code: 'no_browser',
    message: /deviceCode/,
  });
});
