package directory

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const (
	// customDomainQuota is how many custom domains an account can have in a region.
	customDomainQuota = 4
	// domainsOfPool is how many domains a pool can have: one of each form.
	domainsOfPool = 2

	classicPages = 1 // ManagedLoginVersion
	managedPages = 2
)

// reservedWords cannot be words of a prefix.
var reservedWords = []string{"amazon", "aws", "cognito"}

var certificateARN = regexp.MustCompile(`^arn:[^:]+:(acm:[^:]+|iam:):[0-9]+:(certificate|server-certificate)/`)

// CreateDomain gives the pool a domain, a prefix or, with CustomDomainConfig, a host name of its own (operation
// CreateUserPoolDomain). It is ready at once.
func (s *Service) CreateDomain(ctx context.Context, seen *userpool.Pool, in *wire.CreateUserPoolDomainRequest) (*wire.DomainDescriptionType, error) {
	domain := &wire.DomainDescriptionType{
		UserPoolID: seen.ID, Domain: in.Domain, CustomDomainConfig: in.CustomDomainConfig,
		ManagedLoginVersion: cmp.Or(in.ManagedLoginVersion, new(int32(classicPages))),
		Routing:             routing(in.Routing), Version: s.domainVersion(),
	}
	if err := checkDomain(domain); err != nil {
		return nil, err
	}
	d, err := s.newDocument(seen, userpool.Domains, in.Domain, domain)
	if err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, seen)
		if err != nil {
			return err
		}
		if err := checkDomainOfPool(ctx, tx, pool, domain, ""); err != nil {
			return err
		}
		if err := domainFree(ctx, tx, domain); err != nil {
			return err
		}
		d.Global = []string{in.Domain}
		if isCustom(domain) {
			slot, err := freeDomainSlot(ctx, tx, pool.Region())
			if err != nil {
				return err
			}
			d.Global = append(d.Global, slot)
		}
		return tx.CreateDocument(ctx, d)
	})
	if err != nil {
		return nil, err
	}
	return s.describeDomain(domain), nil
}

// UpdateDomain changes a domain of the pool: what is left out stays (operation UpdateUserPoolDomain). A change in
// between is ConcurrentModification.
func (s *Service) UpdateDomain(ctx context.Context, pool *userpool.Pool, in *wire.UpdateUserPoolDomainRequest) (*wire.DomainDescriptionType, error) {
	seen, err := domainOf(ctx, s.Store, pool, in.Domain)
	if err != nil {
		return nil, err
	}
	domain, err := contentOf[wire.DomainDescriptionType](seen)
	if err != nil {
		return nil, err
	}
	if in.CustomDomainConfig != nil && !isCustom(domain) {
		return nil, invalid("CustomDomainConfig can only be given for a custom domain.")
	}
	domain.CustomDomainConfig = cmp.Or(in.CustomDomainConfig, domain.CustomDomainConfig)
	domain.ManagedLoginVersion = cmp.Or(in.ManagedLoginVersion, domain.ManagedLoginVersion)
	if in.Routing != nil {
		domain.Routing = routing(in.Routing)
	}
	domain.Version = s.domainVersion()
	if err := checkDomain(domain); err != nil {
		return nil, err
	}
	err = s.Store.Write(ctx, func(tx userpool.Tx) error {
		pool, err := samePool(ctx, tx, pool)
		if err != nil {
			return err
		}
		d, err := domainOf(ctx, tx, pool, in.Domain)
		if err != nil {
			return err
		}
		if d.Version != seen.Version {
			return changedInBetween()
		}
		if err := checkDomainOfPool(ctx, tx, pool, domain, domain.Domain); err != nil {
			return err
		}
		d.Modified = s.now()
		if err := setContent(d, domain); err != nil {
			return err
		}
		return lostRace(tx.UpdateDocument(ctx, d), noSuchDomain())
	})
	if err != nil {
		return nil, err
	}
	return s.describeDomain(domain), nil
}

// Domain describes a domain of a pool that is in the region, by an active replica too (operation DescribeUserPoolDomain). A domain that nobody has is
// an empty description.
func (s *Service) Domain(ctx context.Context, region, name string) (*wire.DomainDescriptionType, error) {
	d, err := s.Store.GlobalDocument(ctx, userpool.Domains, name)
	switch {
	case errors.Is(err, userpool.ErrNotFound) || err == nil && d.ID != name:
		return &wire.DomainDescriptionType{}, nil
	case err != nil:
		return nil, err
	}
	domain, err := contentOf[wire.DomainDescriptionType](d)
	if err != nil {
		return nil, err
	}
	pool, err := poolOfDomain(ctx, s.Store, d.Pool, domain)
	switch {
	case errors.Is(err, userpool.ErrNotFound) || err == nil && !pool.ServedIn(region):
		return &wire.DomainDescriptionType{}, nil
	case err != nil:
		return nil, err
	}
	return s.describeDomain(domain), nil
}

// DeleteDomain takes the domain from the pool (operation DeleteUserPoolDomain). A change in between is
// ConcurrentModification.
func (s *Service) DeleteDomain(ctx context.Context, pool *userpool.Pool, name string) error {
	seen, err := domainOf(ctx, s.Store, pool, name)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx userpool.Tx) error {
		if _, err := samePool(ctx, tx, pool); err != nil {
			return err
		}
		d, err := domainOf(ctx, tx, pool, name)
		if err != nil {
			return err
		}
		if d.Version != seen.Version {
			return changedInBetween()
		}
		return tx.DeleteDocument(ctx, pool.Number, userpool.Domains, name)
	})
}

// domainOf reads a domain of the pool.
func domainOf(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, name string) (*userpool.Document, error) {
	d, err := r.Document(ctx, pool.Number, userpool.Domains, name)
	return d, userpool.OrNotFound(err, noSuchDomain())
}

// noSuchDomain has the text by which infrastructure tools know that a domain is gone.
func noSuchDomain() *userpool.Error {
	return userpool.NewError(userpool.InvalidParameter, "No such domain or user pool exists.")
}

// poolOfDomain is the living pool that a domain belongs to; ErrNotFound when it was deleted.
func poolOfDomain(ctx context.Context, r userpool.PoolReader, number int64, domain *wire.DomainDescriptionType) (*userpool.Pool, error) {
	pool, err := r.Pool(ctx, domain.UserPoolID)
	if err == nil && pool.Number != number {
		err = userpool.ErrNotFound
	}
	return pool, err
}

// describeDomain adds to a domain what is the same for all. Host names point at this server, so that a custom domain
// can be an alias (CNAME) of it.
func (s *Service) describeDomain(stored *wire.DomainDescriptionType) *wire.DomainDescriptionType {
	d := *stored
	d.AWSAccountID = s.Account
	d.CloudFrontDistribution = s.publicHost()
	d.S3Bucket = "poolhouse"
	d.Status = wire.DomainStatusTypeActive
	if d.CustomDomainConfig == nil {
		d.CustomDomainConfig = &wire.CustomDomainConfigType{}
	}
	return &d
}

// CustomDomainTarget is the host that a domain's name should be an alias of; "" for a prefix.
func CustomDomainTarget(d *wire.DomainDescriptionType) string {
	if d.CustomDomainConfig.CertificateARN == "" {
		return ""
	}
	return d.CloudFrontDistribution
}

func (s *Service) publicHost() string {
	u, err := url.Parse(s.PublicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// domainVersion names a state of a domain by its time.
func (s *Service) domainVersion() string { return s.now().Format("20060102150405") }

// routing is nil when it says nothing.
func routing(in *wire.RoutingType) *wire.RoutingType {
	if in == nil || in.Failover == nil {
		return nil
	}
	return in
}

func isCustom(d *wire.DomainDescriptionType) bool { return d.CustomDomainConfig != nil }

// checkDomain judges a domain by itself.
func checkDomain(d *wire.DomainDescriptionType) error {
	if v := *d.ManagedLoginVersion; v != classicPages && v != managedPages {
		return invalid("ManagedLoginVersion must be 1 or 2.")
	}
	if !isCustom(d) {
		if d.Routing != nil {
			return invalid("Routing can only be given for a custom domain.")
		}
		return checkPrefix(d.Domain)
	}
	labels := strings.Split(d.Domain, ".")
	_, notAddress := netip.ParseAddr(d.Domain)
	if len(labels) < 2 || notAddress == nil || slices.ContainsFunc(labels, func(l string) bool { return !domainLabel.MatchString(l) }) {
		return invalid("Custom domain is not a valid subdomain")
	}
	if !certificateARN.MatchString(d.CustomDomainConfig.CertificateARN) {
		return invalid("The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.")
	}
	return nil
}

func checkPrefix(prefix string) error {
	if !domainLabel.MatchString(prefix) {
		return invalid("The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and hyphens.")
	}
	for word := range strings.SplitSeq(prefix, "-") {
		if slices.Contains(reservedWords, word) {
			return invalid("Domain cannot contain reserved word: " + word)
		}
	}
	return nil
}

// checkDomainOfPool judges a domain against its pool: the plan, the pool's domains but the one that it replaces, the
// replica.
func checkDomainOfPool(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool, domain *wire.DomainDescriptionType, replaces string) error {
	if *domain.ManagedLoginVersion == managedPages && pool.Settings.UserPoolTier == wire.UserPoolTierTypeLite {
		return userpool.NewError(userpool.FeatureUnavailableInTier,
			"The following feature is not available for the LITE pricing tier configured: "+managedLogin)
	}
	others, err := poolDomains(ctx, r, pool)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.Domain != replaces && isCustom(other) == isCustom(domain) {
			return invalid("User pool already has a domain configured.")
		}
	}
	if domain.Routing == nil || domain.Routing.Failover.SecondaryRegion == pool.ReplicaRegion() {
		return nil
	}
	return invalid("User pool " + pool.ID + " has no replica in the region " + domain.Routing.Failover.SecondaryRegion + ".")
}

// poolDomains are the domains of the pool.
func poolDomains(ctx context.Context, r userpool.DocumentReader, pool *userpool.Pool) ([]*wire.DomainDescriptionType, error) {
	documents, _, err := r.Documents(ctx, pool.Number, userpool.Domains, userpool.Page{Limit: domainsOfPool})
	if err != nil {
		return nil, err
	}
	domains := make([]*wire.DomainDescriptionType, len(documents))
	for i, d := range documents {
		if domains[i], err = contentOf[wire.DomainDescriptionType](d); err != nil {
			return nil, err
		}
	}
	return domains, nil
}

// domainFree refuses a domain that another pool has. What a deleted pool has left behind goes.
func domainFree(ctx context.Context, tx userpool.Tx, domain *wire.DomainDescriptionType) error {
	free, err := nameFree(ctx, tx, domain.Domain)
	switch {
	case err != nil || free:
		return err
	case isCustom(domain):
		return invalid("One or more of the CNAMEs that you provided are already associated with a different resource")
	}
	return invalid("Domain already associated with another user pool")
}

// freeDomainSlot is a name that is unique everywhere and that only so many custom domains of a region can have.
func freeDomainSlot(ctx context.Context, tx userpool.Tx, region string) (string, error) {
	for i := range customDomainQuota {
		slot := region + "#" + strconv.Itoa(i+1)
		if free, err := nameFree(ctx, tx, slot); err != nil || free {
			return slot, err
		}
	}
	return "", userpool.NewError(userpool.LimitExceeded, "Custom domain limit exceeded.")
}

// nameFree says whether no domain of a living pool has the name, and removes a domain of a deleted pool that has it.
func nameFree(ctx context.Context, tx userpool.Tx, name string) (bool, error) {
	d, err := tx.GlobalDocument(ctx, userpool.Domains, name)
	switch {
	case errors.Is(err, userpool.ErrNotFound):
		return true, nil
	case err != nil:
		return false, err
	}
	held, err := contentOf[wire.DomainDescriptionType](d)
	if err != nil {
		return false, err
	}
	_, err = poolOfDomain(ctx, tx, d.Pool, held)
	if errors.Is(err, userpool.ErrNotFound) {
		return true, tx.DeleteDocument(ctx, d.Pool, userpool.Domains, d.ID)
	}
	return false, err
}
