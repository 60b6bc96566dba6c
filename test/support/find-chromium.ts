import { isRunnable } from '../../harness/binaries/index.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The first Chromium on PATH. */
export async function findChromium(): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(':').filter((entry) => entry !== '')) {
    for (const name of NAMES) if (await isRunnable(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  return undefined;
}
