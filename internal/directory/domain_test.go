package directory

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

const certificate = "arn:aws:acm:us-east-1:123456789012:certificate/0f5a1c1e"

func (w *world) tryDomain(pool *userpool.Pool, name string, change func(*wire.CreateUserPoolDomainRequest)) error {
	w.t.Helper()
	in := &wire.CreateUserPoolDomainRequest{UserPoolID: pool.ID, Domain: name}
	if change != nil {
		change(in)
	}
	_, err := w.CreateDomain(w.t.Context(), pool, in)
	return err
}

// domain makes a prefix for the pool under the fixed id.
func (w *world) domain(name string) {
	w.t.Helper()
	if err := w.tryDomain(w.stored(), name, nil); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) domainShown(name string) *wire.DomainDescriptionType {
	w.t.Helper()
	d, err := w.Domain(w.t.Context(), region, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func custom(in *wire.CreateUserPoolDomainRequest) {
	in.CustomDomainConfig = &wire.CustomDomainConfigType{CertificateARN: certificate, SecurityPolicy: wire.SecurityPolicyTypeTlsV122021}
}

// another makes one more pool.
func (w *world) another() *userpool.Pool {
	w.t.Helper()
	p, err := w.CreatePool(w.t.Context(), region, &wire.CreateUserPoolRequest{PoolName: "another"}, PoolOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func TestDomainsAreShown(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	w.domain("books")
	if err := w.tryDomain(p, "auth.example.com", func(in *wire.CreateUserPoolDomainRequest) {
		custom(in)
		in.ManagedLoginVersion = new(int32(2))
	}); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, w.domainShown("books"), []byte(`{"AWSAccountId": "123456789012", "CloudFrontDistribution": "pools.example.com",
		"CustomDomainConfig": {}, "Domain": "books", "ManagedLoginVersion": 1, "S3Bucket": "poolhouse", "Status": "ACTIVE",
		"UserPoolId": "us-east-1_YPQTSv5BD", "Version": "20260301120000"}`))
	wantJSON(t, w.domainShown("auth.example.com"), []byte(`{"AWSAccountId": "123456789012", "CloudFrontDistribution": "pools.example.com",
		"CustomDomainConfig": {"CertificateArn": "`+certificate+`", "SecurityPolicy": "TLS_V1_2_2021"}, "Domain": "auth.example.com",
		"ManagedLoginVersion": 2, "S3Bucket": "poolhouse", "Status": "ACTIVE", "UserPoolId": "us-east-1_YPQTSv5BD", "Version": "20260301120000"}`))
	if d := w.describe(); d.Domain != "books" || d.CustomDomain != "auth.example.com" {
		t.Errorf("the pool shows the domains %q and %q", d.Domain, d.CustomDomain)
	}
	for _, nobodys := range []string{"nobodys", "us-east-1#1"} {
		wantJSON(t, w.domainShown(nobodys), []byte(`{}`))
	}
	away, err := w.Domain(t.Context(), "eu-west-1", "books")
	if err != nil {
		t.Fatal(err)
	}
	wantJSON(t, away, []byte(`{}`))
	if err := w.DeleteDomain(t.Context(), p, "books"); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, w.domainShown("books"), []byte(`{}`))
	wantError(t, w.DeleteDomain(t.Context(), p, "books"), userpool.InvalidParameter, "No such domain or user pool exists.")
}

func TestDomainsThatAreRefused(t *testing.T) {
	type request = wire.CreateUserPoolDomainRequest
	const form = "The domain name contains an invalid character. Domain names can only contain lower-case letters, numbers, and hyphens."
	failover := &wire.RoutingType{Failover: &wire.FailoverType{SecondaryRegion: "us-west-2", PrimaryRoute53HealthCheckID: "check"}}
	tests := []struct {
		name, domain string
		in           func(*request)
		message      string
	}{
		{"upper case", "Books", nil, form},
		{"dot", "books.example", nil, form},
		{"hyphen at the end", "books-", nil, form},
		{"reserved word", "my-cognito-books", nil, "Domain cannot contain reserved word: cognito"},
		{"version", "books", func(in *request) { in.ManagedLoginVersion = new(int32(3)) }, "ManagedLoginVersion must be 1 or 2."},
		{"one label", "books", custom, "Custom domain is not a valid subdomain"},
		{"an address", "192.0.2.1", custom, "Custom domain is not a valid subdomain"},
		{"empty label", "auth..example.com", custom, "Custom domain is not a valid subdomain"},
		{"no certificate", "auth.example.com", func(in *request) {
			in.CustomDomainConfig = &wire.CustomDomainConfigType{CertificateARN: role}
		}, "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain."},
		{"routing of a prefix", "books", func(in *request) { in.Routing = failover }, ""},
		{"routing to nowhere", "auth.example.com", func(in *request) { custom(in); in.Routing = failover }, ""},
		{"a word in a word is free", "cognitobooks", nil, "-"},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			p := w.pool(nil)
			if tt.message == "-" {
				if err := w.tryDomain(p, tt.domain, tt.in); err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, w.tryDomain(p, tt.domain, tt.in), userpool.InvalidParameter, tt.message)
		})
	}
}

func TestADomainBelongsToOnePool(t *testing.T) {
	w := newWorld(t)
	p, other := w.pool(nil), w.another()
	w.domain("books")
	wantError(t, w.tryDomain(other, "books", nil), userpool.InvalidParameter, "Domain already associated with another user pool")
	wantError(t, w.tryDomain(p, "books", nil), userpool.InvalidParameter, "User pool already has a domain configured.")
	wantError(t, w.tryDomain(p, "more-books", nil), userpool.InvalidParameter, "User pool already has a domain configured.")
	if err := w.tryDomain(p, "auth.example.com", custom); err != nil {
		t.Fatal(err)
	}
	wantError(t, w.tryDomain(other, "auth.example.com", custom), userpool.InvalidParameter,
		"One or more of the CNAMEs that you provided are already associated with a different resource")
	// A pool that goes with its domains, however that came to be, leaves them free.
	if err := w.Store.Write(t.Context(), func(tx userpool.Tx) error { return tx.DeletePool(t.Context(), p.Number, w.clock) }); err != nil {
		t.Fatal(err)
	}
	wantJSON(t, w.domainShown("books"), []byte(`{}`))
	if err := w.tryDomain(other, "books", nil); err != nil {
		t.Error(err)
	}
}

func TestQuotaOfCustomDomains(t *testing.T) {
	w := newWorld(t)
	var pools []*userpool.Pool
	for i := range customDomainQuota {
		pools = append(pools, w.another())
		if err := w.tryDomain(pools[i], "auth"+strconv.Itoa(i)+".example.com", custom); err != nil {
			t.Fatal(err)
		}
	}
	last := w.another()
	wantError(t, w.tryDomain(last, "auth.example.com", custom), userpool.LimitExceeded, "Custom domain limit exceeded.")
	if err := w.DeleteDomain(t.Context(), pools[1], "auth1.example.com"); err != nil {
		t.Fatal(err)
	}
	if err := w.tryDomain(last, "auth.example.com", custom); err != nil {
		t.Error(err)
	}
}

func TestUpdateDomain(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	if err := w.tryDomain(p, "auth.example.com", custom); err != nil {
		t.Fatal(err)
	}
	before := w.domainShown("auth.example.com")
	in := &wire.UpdateUserPoolDomainRequest{Domain: "auth.example.com", ManagedLoginVersion: new(int32(2))}
	if _, err := w.UpdateDomain(t.Context(), p, in); err != nil {
		t.Fatal(err)
	}
	before.ManagedLoginVersion = in.ManagedLoginVersion
	if diff := cmp.Diff(before, w.domainShown("auth.example.com")); diff != "" {
		t.Errorf("updated (-want +got):\n%s", diff)
	}
	wantError(t, w.update(func(in *wire.UpdateUserPoolRequest) { in.UserPoolTier = wire.UserPoolTierTypeLite }), userpool.FeatureUnavailableInTier,
		"The following features need to be disabled for the LITE pricing tier configured: Managed Login Version 2")
	_, err := w.UpdateDomain(t.Context(), p, &wire.UpdateUserPoolDomainRequest{Domain: "books"})
	wantError(t, err, userpool.InvalidParameter, "No such domain or user pool exists.")
	w.domain("books")
	_, err = w.UpdateDomain(t.Context(), p, &wire.UpdateUserPoolDomainRequest{Domain: "books", CustomDomainConfig: &wire.CustomDomainConfigType{CertificateARN: certificate}})
	wantError(t, err, userpool.InvalidParameter, "")
}

func TestManagedLoginNeedsAPlan(t *testing.T) {
	w := newWorld(t)
	p := w.pool(func(in *wire.CreateUserPoolRequest) { in.UserPoolTier = wire.UserPoolTierTypeLite })
	err := w.tryDomain(p, "books", func(in *wire.CreateUserPoolDomainRequest) { in.ManagedLoginVersion = new(int32(2)) })
	wantError(t, err, userpool.FeatureUnavailableInTier, "The following feature is not available for the LITE pricing tier configured: Managed Login Version 2")
	w.domain("books")
}
