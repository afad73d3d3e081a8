package outbound

import (
	"errors"
	"net/netip"
)

// errAddress says that an address is none to call.
var errAddress = errors.New("outbound: the address is not public and not allowed by --allow-outbound")

// errPort says that a public address was to be called at another port than 80 and 443.
var errPort = errors.New("outbound: the port is neither 80 nor 443")

// notPublic are the IPv4 networks that are not the internet (IANA's registry of special-purpose addresses), and
// one address by which machines of a large cloud reach their own platform.
var notPublic = prefixes(
	"0.0.0.0/8",        // this network; systems take it for the machine itself
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // carriers' NAT
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // platform of Azure
	"169.254.0.0/16",   // link-local, with the metadata of clouds
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // relays from IPv6
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // measurements
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, with broadcast
)

// unicast6 holds every public IPv6 address; outside of it lie loopback, private and link-local networks,
// multicast, and the addresses that stand for IPv4 ones (mapped, NAT64).
var unicast6 = netip.MustParsePrefix("2000::/3")

// notPublic6 are the parts of unicast6 that are not the internet.
var notPublic6 = prefixes(
	"2001::/23",     // protocol assignments, with Teredo, which stands for IPv4 addresses
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4, which stands for IPv4 addresses
	"3fff::/20",     // documentation
)

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

func contains(networks []netip.Prefix, a netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// public says whether an address is one of the internet.
func public(a netip.Addr) bool {
	if a = a.WithZone(""); a.Is4() {
		return !contains(notPublic, a)
	}
	return unicast6.Contains(a) && !contains(notPublic6, a)
}

// permit refuses to connect to an address, unless it is public, at a port of the web, or allowed.
func permit(at netip.AddrPort, allowed []netip.Prefix) error {
	a := at.Addr().WithZone("")
	switch {
	case contains(allowed, a), contains(allowed, a.Unmap()):
		return nil
	case !public(a):
		return errAddress
	case at.Port() != 80 && at.Port() != 443:
		return errPort
	}
	return nil
}
