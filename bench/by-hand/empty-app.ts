import { App } from 'cdktf';

// Run by synth.ts with tsx: the least that a CDKTF app can be.
new App().synth();
