import { installFrom, vendorOrigins } from '../../../harness/binaries/obtain.js';
import { settingsFor } from '../../../harness/binaries/settings.js';

// Run as a process of its own: installs vault, and prints one JSON object.
const { cacheDir, releasesUrl, trustedKey, moduleFolder } = JSON.parse(process.argv[2] ?? '') as {
  cacheDir: string;
  releasesUrl: string;
  trustedKey?: string;
  moduleFolder?: string;
};
const lines: string[] = [];
const settings = settingsFor('vault', { cacheDir, releasesUrl, report: (line) => lines.push(line) });
const executable = await installFrom(settings, {
  ...vendorOrigins,
  ...(trustedKey === undefined ? {} : { trustedKey: async () => trustedKey }),
  ...(moduleFolder === undefined ? {} : { moduleFolder: () => moduleFolder }),
});
process.stdout.write(JSON.stringify({ executable, lines }));
