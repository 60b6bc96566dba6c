// How vaultproof builds Consul where no release can be downloaded; see harness/binaries/go-build.ts.
// A module's own replace and exclude directives do not apply to those who require it, so what Consul's need is
// repeated here.
module vaultproof.invalid/consul

// The newest Go that anything below asks for.
go 1.25.9

require (
	github.com/hashicorp/consul v1.22.7
	// Consul's own build takes ./api; the published version that it names does not fit, and this one does.
	github.com/hashicorp/consul/api v1.34.1
)

// As in Consul's own go.mod: these two break the RPC encoding.
exclude (
	github.com/hashicorp/go-msgpack v1.1.5
	github.com/hashicorp/go-msgpack v1.1.6
)
