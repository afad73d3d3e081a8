package directory

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/poolhouse-id/poolhouse/internal/userpool"
	"github.com/poolhouse-id/poolhouse/internal/wire"
)

func TestAddCustomAttributes(t *testing.T) {
	type attribute = wire.SchemaAttributeType
	banana := attribute{Name: "banana", AttributeDataType: "String"}
	many := func(n int) (list []attribute) {
		for i := range n {
			list = append(list, attribute{Name: fmt.Sprintf("a%d", i), AttributeDataType: "Number"})
		}
		return list
	}
	tests := []struct {
		name    string
		schema  []attribute
		add     []attribute
		message string // "" for success
		want    int    // custom attributes at the end
	}{
		{name: "one", add: []attribute{banana}, want: 1},
		{name: "the name of a standard one", add: []attribute{{Name: "email", AttributeDataType: "String"}}, want: 1},
		{name: "twice", add: []attribute{banana, banana}, message: "custom:banana: Existing attribute already has name custom:banana."},
		{name: "again", schema: []attribute{banana}, add: []attribute{{Name: "apple", AttributeDataType: "String"}, banana},
			message: "custom:banana: Existing attribute already has name custom:banana.", want: 1},
		{name: "again for developers", schema: []attribute{{Name: "banana", AttributeDataType: "String", DeveloperOnlyAttribute: new(true)}},
			add:     []attribute{{Name: "banana", AttributeDataType: "String", DeveloperOnlyAttribute: new(true)}},
			message: "custom:banana: Existing attribute already has name dev:custom:banana.", want: 1},
		{name: "another case", schema: []attribute{banana}, add: []attribute{{Name: "Banana", AttributeDataType: "String"}}, want: 2},
		{name: "a type that is none", add: []attribute{banana, {Name: "apple", AttributeDataType: "Banana"}},
			message: "Validation error detected: Value 'Banana' failed to satisfy constraint: Member must satisfy enum value set: [Boolean, Number, String, DateTime]"},
		{name: "no type", add: []attribute{{Name: "apple"}}, message: "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."},
		{name: "required", add: []attribute{{Name: "apple", AttributeDataType: "String", Required: new(true)}}, message: "Required custom attributes are not supported currently."},
		{name: "up to fifty", schema: many(49), add: []attribute{banana}, want: 50},
		{name: "beyond fifty", schema: many(50), add: []attribute{banana}, message: "A user pool can have at most 50 custom attributes.", want: 50},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(func(in *wire.CreateUserPoolRequest) { in.Schema = tt.schema })
			err := w.AddCustomAttributes(t.Context(), w.stored(), tt.add)
			if tt.message == "" {
				wantError(t, err, "", "")
			} else {
				wantError(t, err, userpool.InvalidParameter, tt.message)
			}
			if got := len(w.stored().Settings.SchemaAttributes) - len(standardSchema()); got != tt.want {
				t.Errorf("the pool has %d custom attributes, want %d", got, tt.want)
			}
		})
	}
}

func TestTagPool(t *testing.T) {
	w := newWorld(t)
	seen := w.pool(func(in *wire.CreateUserPoolRequest) {
		in.UserPoolTags = map[string]string{"stage": "test", "team": "a"}
	})
	wantError(t, w.TagPool(t.Context(), seen, map[string]string{"stage": "prod", "new": ""}), "", "")
	before := w.stored().Version
	wantError(t, w.UntagPool(t.Context(), seen, []string{"nobody"}), "", "")
	if got := w.stored().Version; got != before {
		t.Errorf("to take away what is not there made version %d of %d", got, before)
	}
	wantError(t, w.UntagPool(t.Context(), seen, []string{"team", "nobody"}), "", "")
	wantError(t, w.TagPool(t.Context(), seen, map[string]string{"AWS:x": "y"}), userpool.InvalidParameter, "")
	wantError(t, w.UntagPool(t.Context(), seen, []string{"aws:x"}), userpool.InvalidParameter, "")
	wantJSON(t, w.describe().UserPoolTags, []byte(`{"stage":"prod","new":""}`))
	full := map[string]string{}
	for i := range tagQuota - 1 {
		full[fmt.Sprint(i)] = "x"
	}
	wantError(t, w.TagPool(t.Context(), seen, full), userpool.InvalidParameter, "A user pool can have at most 50 tags.")
}

func TestPoolOfARN(t *testing.T) {
	w := newWorld(t)
	for text, code := range map[string]userpool.ErrorCode{
		"arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + poolID:    "",
		"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/" + poolID:    "",
		"arn:aws:cognito-idp:us-east-1:999999999999:userpool/" + poolID:    userpool.ResourceNotFound,
		"arn:aws-cn:cognito-idp:us-east-1:123456789012:userpool/" + poolID: userpool.ResourceNotFound,
		"arn:aws:cognito-idp:us-east-1:123456789012:identitypool/x":        userpool.InvalidParameter,
		"arn:aws:s3:::userpool/" + poolID:                                  userpool.InvalidParameter,
		"arn:aws:cognito-idp:us-east-1:123456789012:userpool/x":            userpool.InvalidParameter,
		"userpool/" + poolID: userpool.InvalidParameter,
	} {
		_, _, err := w.PoolOfARN(text)
		wantError(t, err, code, "")
	}
}

// addDomain gives the pool a domain, as the operations on domains store it.
func (w *world) addDomain(name string, version int32) {
	w.t.Helper()
	d, err := w.newDocument(w.stored(), userpool.Domains, name, map[string]int32{"ManagedLoginVersion": version})
	if err == nil {
		err = w.Store.Write(w.t.Context(), func(tx userpool.Tx) error { return tx.CreateDocument(w.t.Context(), d) })
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestPoolWithDomains(t *testing.T) {
	w := newWorld(t)
	p := w.pool(nil)
	w.addDomain("example", 2)
	w.addDomain("auth.example.com", 1)
	if d := w.describe(); d.Domain != "example" || d.CustomDomain != "auth.example.com" {
		t.Errorf("got domains %q, %q", d.Domain, d.CustomDomain)
	}
	wantError(t, w.DeletePool(t.Context(), p), userpool.InvalidParameter,
		"User pool cannot be deleted. It has a domain configured that should be deleted first.")
	wantError(t, w.update(func(in *wire.UpdateUserPoolRequest) { in.UserPoolTier = "LITE" }), userpool.FeatureUnavailableInTier,
		"The following features need to be disabled for the LITE pricing tier configured: Managed Login Version 2")
	of := func(category string) *wire.LimitDefinitionType {
		return &wire.LimitDefinitionType{LimitClass: "API_CATEGORY", Attributes: map[string]string{"Category": category}}
	}
	_, err := w.SetProvisionedLimit(t.Context(), region, of("UserFederation"), 100)
	wantError(t, err, userpool.InvalidParameter, "")
	_, err = w.SetProvisionedLimit(t.Context(), "eu-west-1", of("UserFederation"), 100)
	wantError(t, err, "", "")
	_, err = w.SetProvisionedLimit(t.Context(), region, of("UserRead"), 200)
	wantError(t, err, "", "")
}

func TestSendersOfPools(t *testing.T) {
	w := newWorld(t)
	sms := func(arn string) error {
		_, err := w.tryPool(func(in *wire.CreateUserPoolRequest) {
			in.SMSConfiguration = &wire.SMSConfigurationType{SNSCallerARN: arn}
		})
		return err
	}
	wantError(t, sms("arn:aws:iam::123456789012:user/sms"), userpool.InvalidSMSRoleTrustRelationship,
		"Role does not have a trust relationship allowing Cognito to assume the role")
	_, err := w.tryPool(func(in *wire.CreateUserPoolRequest) {
		in.EmailConfiguration = &wire.EmailConfigurationType{SourceARN: "arn:aws:s3:us-east-1:123456789012:bucket"}
	})
	wantError(t, err, userpool.InvalidEmailRoleAccessPolicy, "")
}

func TestLogDelivery(t *testing.T) {
	type entry = wire.LogConfigurationType
	group := &wire.CloudWatchLogsConfigurationType{LogGroupARN: "arn:aws:logs:us-east-1:123456789012:log-group:pools"}
	bucket := &wire.S3ConfigurationType{BucketARN: "arn:aws:s3:::pool-logs"}
	stream := &wire.FirehoseConfigurationType{StreamARN: "arn:aws:firehose:us-east-1:123456789012:deliverystream/pools"}
	failures := entry{EventSource: "userNotification", LogLevel: "ERROR", CloudWatchLogsConfiguration: group}
	activity := entry{EventSource: "userAuthEvents", LogLevel: "INFO", FirehoseConfiguration: stream}
	tests := []struct {
		name string
		tier wire.UserPoolTierType
		logs []entry
		code userpool.ErrorCode
	}{
		{name: "none"},
		{name: "failures", logs: []entry{failures}},
		{name: "both", tier: "PLUS", logs: []entry{failures, activity}},
		{name: "activity in a bucket", tier: "PLUS", logs: []entry{{EventSource: "userAuthEvents", LogLevel: "INFO", S3Configuration: bucket}}},
		{name: "activity below Plus", logs: []entry{activity}, code: userpool.FeatureUnavailableInTier},
		{name: "a source twice", logs: []entry{failures, failures}, code: userpool.InvalidParameter},
		{name: "failures at another level", logs: []entry{{EventSource: "userNotification", LogLevel: "INFO", CloudWatchLogsConfiguration: group}}, code: userpool.InvalidParameter},
		{name: "activity at another level", tier: "PLUS", logs: []entry{{EventSource: "userAuthEvents", LogLevel: "ERROR", CloudWatchLogsConfiguration: group}}, code: userpool.InvalidParameter},
		{name: "failures in a bucket", logs: []entry{{EventSource: "userNotification", LogLevel: "ERROR", S3Configuration: bucket}}, code: userpool.InvalidParameter},
		{name: "two destinations", tier: "PLUS", logs: []entry{{EventSource: "userAuthEvents", LogLevel: "INFO", S3Configuration: bucket, FirehoseConfiguration: stream}}, code: userpool.InvalidParameter},
		{name: "no destination", logs: []entry{{EventSource: "userNotification", LogLevel: "ERROR"}}, code: userpool.InvalidParameter},
		{name: "a group with an ending", logs: []entry{{EventSource: "userNotification", LogLevel: "ERROR",
			CloudWatchLogsConfiguration: &wire.CloudWatchLogsConfigurationType{LogGroupARN: group.LogGroupARN + ":*"}}}, code: userpool.InvalidParameter},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.row(t)
			w.pool(func(in *wire.CreateUserPoolRequest) { in.UserPoolTier = tt.tier })
			set, err := w.SetLogDelivery(t.Context(), w.stored(), tt.logs)
			wantError(t, err, tt.code, "")
			got, readErr := w.LogDelivery(t.Context(), w.stored())
			if readErr != nil {
				t.Fatal(readErr)
			}
			want := tt.logs
			if err != nil || want == nil {
				want = []entry{}
			}
			body, encodeErr := wire.Encode(&wire.LogDeliveryConfigurationType{UserPoolID: poolID, LogConfigurations: want})
			if encodeErr != nil {
				t.Fatal(encodeErr)
			}
			wantJSON(t, got, body)
			if err == nil {
				wantJSON(t, set, body)
			}
		})
	}
	t.Run("a plan below", func(t *testing.T) {
		w := w.row(t)
		w.pool(func(in *wire.CreateUserPoolRequest) { in.UserPoolTier = "PLUS" })
		if _, err := w.SetLogDelivery(t.Context(), w.stored(), []entry{activity}); err != nil {
			t.Fatal(err)
		}
		wantError(t, w.update(func(in *wire.UpdateUserPoolRequest) { in.UserPoolTier = "ESSENTIALS" }), userpool.FeatureUnavailableInTier,
			"The following features need to be disabled for the ESSENTIALS pricing tier configured: User Activity Log Export")
	})
}

func TestProvisionedLimits(t *testing.T) {
	w := newWorld(t)
	of := func(category string) *wire.LimitDefinitionType {
		return &wire.LimitDefinitionType{LimitClass: "API_CATEGORY", Attributes: map[string]string{"Category": category}}
	}
	value := func(region, category string) int32 {
		t.Helper()
		l, err := w.ProvisionedLimit(t.Context(), region, of(category))
		if err != nil || l.FreeLimitValue != 120 {
			t.Fatal(l, err)
		}
		return l.ProvisionedLimitValue
	}
	for _, tt := range []struct {
		category string
		value    int32
		code     userpool.ErrorCode
	}{
		{"UserAuthentication", 300, ""},
		{"UserAuthentication", 1200, ""},
		{"UserAuthentication", 120, ""},
		{"UserAuthentication", 400, ""},
		{"UserAuthentication", 1201, userpool.ServiceQuotaExceeded},
		{"UserAuthentication", 119, userpool.InvalidParameter},
		{"UserUpdate", 30, userpool.InvalidParameter},
		{"Nothing", 30, userpool.InvalidParameter},
	} {
		l, err := w.SetProvisionedLimit(t.Context(), region, of(tt.category), tt.value)
		wantError(t, err, tt.code, "")
		if err == nil && (l.ProvisionedLimitValue != tt.value || l.FreeLimitValue != 120 || value(region, tt.category) != tt.value) {
			t.Errorf("got %+v", l)
		}
	}
	if got := value("eu-west-1", "UserAuthentication"); got != 120 {
		t.Errorf("another region has %d", got)
	}
	if got := value(region, "UserRead"); got != 120 {
		t.Errorf("another category has %d", got)
	}
}

func TestSigningCertificate(t *testing.T) {
	w := newWorld(t)
	pool := w.pool(nil)
	get := func() (string, *x509.Certificate) {
		t.Helper()
		text, err := w.SigningCertificate(t.Context(), pool)
		if err != nil {
			t.Fatal(err)
		}
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return text, c
	}
	// All who ask at first get the same one.
	texts := make([]string, 4)
	var group sync.WaitGroup
	for i := range texts {
		group.Go(func() {
			var err error
			if texts[i], err = w.SigningCertificate(t.Context(), pool); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	first, c := get()
	for _, text := range texts {
		if text != first {
			t.Error("two asked at the same time and got two certificates")
		}
	}
	key := c.PublicKey.(*rsa.PublicKey)
	if c.Subject.CommonName != poolID || key.N.BitLen() != 2048 || !c.NotAfter.Equal(c.NotBefore.AddDate(10, 0, 0)) ||
		c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil {
		t.Errorf("got %+v", c)
	}
	w.clock = w.clock.Add(364 * 24 * time.Hour)
	if same, _ := get(); same != first {
		t.Error("reissued before a year")
	}
	w.clock = w.clock.Add(48 * time.Hour)
	second, next := get()
	if second == first || !next.PublicKey.(*rsa.PublicKey).Equal(key) || bytes.Equal(next.RawSubject, nil) {
		t.Error("not reissued with the same key after a year")
	}
	d, err := w.Store.Document(t.Context(), pool.Number, userpool.Certificates, wholePool)
	if err != nil {
		t.Fatal(err)
	}
	issued, err := contentOf[certificates](d)
	if err != nil || len(issued.Issued) != 2 {
		t.Errorf("%d certificates are kept (%v)", len(issued.Issued), err)
	}
}
