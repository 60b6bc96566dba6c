// How vaultproof builds Vault where no release can be downloaded; see harness/binaries/go-build.ts.
// A module's own replace directives do not apply to those who require it, so what Vault's need is repeated here.
module vaultproof.invalid/vault

// The newest Go that anything below asks for.
go 1.25.3

require github.com/hashicorp/vault v1.21.1

// As in Vault's own go.mod: 99designs/keyring leaves a dbus-daemon behind at each start.
replace github.com/99designs/keyring => github.com/Jeffail/keyring v1.2.3
