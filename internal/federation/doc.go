// Package federation knows identity providers of others: what SAML and OpenID Connect providers publish about
// themselves, and what the large social ones are known by. It reads texts and calls nobody: what is published
// at an address is fetched by whoever asks.
package federation
