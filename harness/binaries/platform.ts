/** The host's operating system and processor, in Go's words, which the vendor's file names use too. */
export interface Platform {
  /** "linux", "darwin", ... */
  readonly os: string;
  /** "amd64", "arm64", ... */
  readonly arch: string;
}

const architectures: Record<string, string> = { x64: 'amd64', ia32: '386' };

/** The platform that this process runs on (go.dev/doc/install/source#environment). */
export function hostPlatform(): Platform {
  return { os: process.platform, arch: architectures[process.arch] ?? process.arch };
}
